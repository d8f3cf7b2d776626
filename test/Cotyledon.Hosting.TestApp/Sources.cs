using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.TestApp;

/// <summary>Configuration sources, each with a value that is traced and a number that is validated.</summary>
internal static class Sources
{
    public const string ExtraFile = "extra.json";
    public const string PolledFile = "polled.txt";

    /// <summary>
    /// Adds the sources that <c>Sources</c> lists: <c>extra</c>, <c>polled</c>, <c>stream</c>, <c>own</c>, and, each with a file or
    /// directory of its name, <c>json</c>, <c>ini</c>, <c>xml</c>, <c>keys</c>, <c>chained</c>.
    /// </summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The XML is not encrypted.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "The XML is not encrypted.")]
    public static void Add(IConfigurationBuilder builder, IConfiguration configuration)
    {
        var names = configuration["Sources"]?.Split(',') ?? [];
        var reloads = configuration.GetValue("SourcesReload", true);
        if (names.Contains("extra"))
        {
            builder.AddJsonFile(ExtraFile, optional: true, reloadOnChange: reloads);
        }

        if (names.Contains("polled"))
        {
            builder.Add(new PolledSource());
        }

        foreach (var name in names)
        {
            _ = name switch
            {
                "json" => builder.AddJsonFile(name, optional: false, reloads),
                "ini" => builder.AddIniFile(name, optional: false, reloads),
                "xml" => builder.AddXmlFile(name, optional: false, reloads),
                "keys" => builder.AddKeyPerFile(Path.GetFullPath(name), optional: false, reloads),
                "chained" => builder.AddConfiguration(
                    new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(name), optional: false, reloads).Build()),
                _ => builder,
            };
        }

        if (names.Contains("stream"))
        {
            builder.AddJsonStream(new MemoryStream("""{ "Stream": "streamed" }"""u8.ToArray()));
        }

        if (names.Contains("own") && CotyledonHost.IsWorker)
        {
            builder.AddInMemoryCollection([new("Own", "of the worker")]);
        }
    }

    /// <summary>The existing values of the sources, in this order.</summary>
    public static string Seen(IConfiguration configuration) => string.Join(
        '+', new[] { "Value", "Extra", "Polled", "Stream", "Own", "Variable" }.Select(key => configuration[key]).OfType<string>());

    public static void AddOptions(IServiceCollection services) => services
        .AddSingleton<IOptionsChangeTokenSource<Limits>>(provider =>
            new ConfigurationChangeTokenSource<Limits>(provider.GetRequiredService<IConfiguration>()))
        .AddOptions<Limits>()
        .Configure<IConfiguration>((limits, configuration) =>
        {
            limits.Extra = Number(configuration["ExtraLimit"]);
            limits.Polled = Number(configuration["PolledLimit"]);
        })
        .Validate(limits => limits is { Extra: >= 0, Polled: >= 0 }, "A limit must not be negative.")
        .ValidateOnStart();

    private static int Number(string? text) => int.Parse(text ?? "0", CultureInfo.InvariantCulture);

    internal sealed class Limits
    {
        public int Extra { get; set; }

        public int Polled { get; set; }
    }

    /// <summary>A provider that polls a file of <c>key=value</c> lines and raises its change token.</summary>
    private sealed class PolledSource : ConfigurationProvider, IConfigurationSource, IDisposable
    {
        private Timer? _timer;

        public override void Load()
        {
            Data = Read();
            _timer ??= new Timer(_ => Poll(), null, 100, 100);
        }

        public void Dispose() => _timer?.Dispose();

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        private void Poll()
        {
            try
            {
                var now = Read();
                if (now.Count != Data.Count || now.Any(pair => !Data.TryGetValue(pair.Key, out var old) || old != pair.Value))
                {
                    Trace.Write("polled", detail: CotyledonHost.IsWorker ? "worker" : "master");
                    Data = now;
                    OnReload();
                }
            }
            catch (IOException)
            {
                // The file is being written.
            }
        }

        private static Dictionary<string, string?> Read() => File.Exists(PolledFile)
            ? File.ReadAllLines(PolledFile)
                .Select(line => line.Split('=', 2))
                .Where(words => words.Length == 2)
                .ToDictionary(words => words[0], words => (string?)words[1], StringComparer.OrdinalIgnoreCase)
            : [];
    }
}
