using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>A configuration file that the test writes: its values apply after the next load.</summary>
internal sealed class Source : FileConfigurationSource
{
    private readonly WatchedFile _file;
    private int _loads;

    public Source()
    {
        FileProvider = _file = new WatchedFile();
        Path = "settings.test";
        ReloadOnChange = true;
    }

    /// <summary>The values that the next load reads.</summary>
    public Dictionary<string, string?> Values { get; set; } = [];

    /// <summary>The exception that the next loads throw.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Called in each load, before anything is read.</summary>
    public Action OnLoad { get; set; } = () => { };

    public int Loads => Volatile.Read(ref _loads);

    /// <summary>Announces a change, as a file watcher does.</summary>
    public void Announce() => _file.Announce();

    public override IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(this);

    public IConfigurationRoot ToConfiguration() => new ConfigurationBuilder().Add(this).Build();

    private sealed class Provider(Source source) : FileConfigurationProvider(source)
    {
        public override void Load(Stream stream)
        {
            Interlocked.Increment(ref source._loads);
            source.OnLoad();
            if (source.Failure is { } failure)
            {
                throw failure;
            }

            Data = new Dictionary<string, string?>(source.Values, StringComparer.OrdinalIgnoreCase);
        }
    }

    private sealed class WatchedFile : IFileProvider, IFileInfo
    {
        private ConfigurationReloadToken _token = new();

        public bool Exists => true;

        public bool IsDirectory => false;

        public DateTimeOffset LastModified { get; private set; }

        public long Length => 0;

        public string Name => "settings.test";

        public string? PhysicalPath => null;

        public void Announce()
        {
            LastModified += TimeSpan.FromTicks(1);
            Interlocked.Exchange(ref _token, new ConfigurationReloadToken()).OnReload();
        }

        public Stream CreateReadStream() => new MemoryStream();

        public IFileInfo GetFileInfo(string subpath) => this;

        public IDirectoryContents GetDirectoryContents(string subpath) => NotFoundDirectoryContents.Singleton;

        public IChangeToken Watch(string filter) => _token;
    }
}
