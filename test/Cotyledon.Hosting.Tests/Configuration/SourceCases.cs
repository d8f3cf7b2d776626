using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>A kind of configuration source, and how it is edited in a directory of the test.</summary>
/// <param name="Name">The name for the test.</param>
/// <param name="Add">Adds it to a program's configuration.</param>
/// <param name="Write">Writes its only value, <c>App:Number</c>.</param>
internal sealed record SourceCase(
    string Name, Action<IConfigurationBuilder, SourceContext> Add, Action<SourceContext, string> Write)
{
    /// <summary>Makes it unreadable; null if it has no syntax.</summary>
    public Action<SourceContext>? Break { get; init; }

    /// <summary>Removes it; null if it cannot be removed.</summary>
    public Action<SourceContext>? Remove { get; init; }

    /// <summary>Whether a running master detects what is written.</summary>
    public bool IsLive { get; init; } = true;

    public override string ToString() => Name;
}

/// <summary>The directory and the state of a source under test.</summary>
internal sealed class SourceContext(string directory, bool reloadOnChange)
{
    public bool ReloadOnChange => reloadOnChange;

    public PushProvider Pushed { get; } = new();

    public IConfigurationRoot? Root { get; set; }

    public string PathOf(string name) => Path.Combine(directory, name);

    public void WriteFile(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
    }
}

/// <summary>All kinds of configuration sources.</summary>
internal static class SourceCases
{
    public const string Variable = "COTYLEDONTESTS_App__Number";

    public static IEnumerable<SourceCase> All =>
    [
        File("JSON", "app.json", (b, path, reload) => b.AddJsonFile(path, false, reload), v => $$"""{ "App": { "Number": {{v}} } }""", "{ \"App\": {"),
        File("INI", "app.ini", (b, path, reload) => b.AddIniFile(path, false, reload), v => $"[App]\nNumber={v}\n", "[App]\nNumber\n"),
        File("XML", "app.xml", (b, path, reload) => b.AddXmlFile(path, false, reload), v => $"<c><App><Number>{v}</Number></App></c>", "<c><App>"),
        new("key per file", (b, c) => b.AddKeyPerFile(c.PathOf("keys"), optional: false, c.ReloadOnChange), (c, v) => c.WriteFile("keys/App__Number", v))
        {
            Remove = c => Directory.Delete(c.PathOf("keys"), recursive: true),
        },
        new("stream", (b, c) => b.AddJsonStream(System.IO.File.OpenRead(c.PathOf("s.json"))), (c, v) => c.WriteFile("s.json", $$"""{ "App": { "Number": {{v}} } }"""))
        {
            IsLive = false,
        },
        new("memory", (b, _) => b.AddInMemoryCollection([new("App:Number", "1")]), (c, v) => Set(c, v)),
        new("command line", (b, _) => b.AddCommandLine(["--App:Number", "1"]), (_, _) => { }) { IsLive = false },
        new("environment", (b, _) => b.AddEnvironmentVariables("COTYLEDONTESTS_"), (_, v) => Environment.SetEnvironmentVariable(Variable, v)),
        new("chained", (b, c) => b.AddConfiguration(new ConfigurationBuilder().AddJsonFile(c.PathOf("inner.json"), false, c.ReloadOnChange).Build()),
            (c, v) => c.WriteFile("inner.json", $$"""{ "App": { "Number": {{v}} } }"""))
        {
            Break = c => c.WriteFile("inner.json", "{"),
            Remove = c => System.IO.File.Delete(c.PathOf("inner.json")),
        },
        new("custom push", (b, c) => b.Add(c.Pushed), (c, v) => c.Pushed.Push("App:Number", v)),
        new("custom polling", (b, c) => b.Add(new PollingSource(c.PathOf("polled"))), (c, v) => c.WriteFile("polled", $"App:Number={v}"))
        {
            Remove = c => System.IO.File.Delete(c.PathOf("polled")),
        },
    ];

    private static SourceCase File(
        string name, string file, Action<IConfigurationBuilder, string, bool> add, Func<string, string> text, string broken) =>
        new(name, (b, c) => add(b, c.PathOf(file), c.ReloadOnChange), (c, v) => c.WriteFile(file, text(v)))
        {
            Break = c => c.WriteFile(file, broken),
            Remove = c => System.IO.File.Delete(c.PathOf(file)),
        };

    private static void Set(SourceContext context, string value)
    {
        if (context.Root is { } root)
        {
            root["App:Number"] = value;
        }
    }
}
