using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>A provider of the program that polls a file with its own timer, and announces changes.</summary>
internal sealed class PollingSource(string path) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(path);

    private sealed class Provider(string path) : ConfigurationProvider, IDisposable
    {
        private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

        private Timer? _timer;
        private string _text = "";

        public override void Load()
        {
            Take(Read());
            _timer ??= new Timer(_ => Poll(), null, Interval, Interval);
        }

        public void Dispose() => _timer?.Dispose();

        private void Poll()
        {
            try
            {
                if (Take(Read()))
                {
                    OnReload();
                }
            }
            catch (IOException)
            {
                // The file is being written.
            }
        }

        private string Read() => File.Exists(path) ? File.ReadAllText(path) : "";

        private bool Take(string text)
        {
            if (text == Interlocked.Exchange(ref _text, text))
            {
                return false;
            }

            var words = text.Split('=', 2);
            Data = words.Length == 2
                ? new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { [words[0]] = words[1] }
                : new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            return true;
        }
    }
}
