using System.Globalization;
using System.Text.Json.Nodes;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>The wanted content of the settings file, the extra file, and the file that a provider of the program polls.</summary>
internal sealed class WantedFile
{
    private readonly Terms _terms = Terms.OfChaos;

    public WantedFile(bool isWatched)
    {
        if (isWatched)
        {
            Targets["Web"] = 2;
        }
    }

    /// <summary>Each valid edit has a new generation, which workers trace when they load it.</summary>
    public int Generation { get; set; }

    public Dictionary<string, int> Targets { get; } = new() { ["heavy"] = 3, ["light"] = 2, ["shaky"] = 1 };

    /// <summary>Script actions of services: <c>heavy:Terminate</c> = <c>hang</c>.</summary>
    public Dictionary<string, string> Acts { get; } = [];

    /// <summary>Services that are given up after a few crashes.</summary>
    public HashSet<string> GivenUp { get; } = [];

    /// <summary>Services whose workers are replaced at their maximum age.</summary>
    public HashSet<string> Ages { get; } = [];

    /// <summary>The generation of the extra file.</summary>
    public int ExtraGeneration { get; set; }

    /// <summary>The number of additional characters in the extra file. They differ in each generation.</summary>
    public int ExtraSize { get; set; }

    /// <summary>The generation of the polled file.</summary>
    public int PolledGeneration { get; set; }

    /// <summary>The value that a service traces when it has all files.</summary>
    public string Mark => $"good{Generation}+good{ExtraGeneration}+good{PolledGeneration}";

    public string Text() => Build($"good{Generation}").ToJsonString();

    public string ExtraText() => $$"""{ "Extra": "good{{ExtraGeneration}}", "ExtraLimit": 1, "ExtraText": "{{new string((char)('a' + (ExtraGeneration % 26)), ExtraSize)}}" }""";

    public string PolledText() => $"Polled=good{PolledGeneration}\nPolledLimit=1\n";

    /// <summary>An invalid edit: the file and its text. Each has a mark, which shows whether a worker loads it.</summary>
    public (string? File, string Text) BadEdit(int kind) => (kind % 8) switch
    {
        5 => (TestSources.ExtraFile, $$"""{ "Extra": "bad{{Generation}}", "ExtraLimit": -1 }"""),
        6 => (TestSources.ExtraFile, $$"""{ "Extra": "bad{{Generation}}", "ExtraLim"""),
        7 => (TestSources.PolledFile, $"Polled=bad{Generation}\nPolledLimit=-1\n"),
        var other => (null, BadText(other)),
    };

    private string BadText(int kind)
    {
        var bad = Build($"bad{Generation}");
        var services = bad["Cotyledon"]!["Services"]!;
        switch (kind)
        {
            case 0:
                return bad.ToJsonString()[..^40];
            case 1:
                services["heavy"]!["Workers"] = -1;
                break;
            case 2:
                services["light"]!["Workers"] = "many";
                break;
            case 3:
                bad["Cotyledon"]!.AsObject().Remove("Services");
                break;
            default:
                services["shaky"]!["RestartBackoff"] = "00:00:00";
                break;
        }

        return bad.ToJsonString();
    }

    private JsonObject Build(string value)
    {
        var services = new JsonObject();
        foreach (var (name, workers) in Targets)
        {
            services[name] = Service(name, workers);
        }

        var script = new JsonObject();
        foreach (var (key, action) in Acts)
        {
            script[key] = action;
        }

        return new JsonObject
        {
            ["Value"] = value,
            ["Script"] = script,
            ["Cotyledon"] = new JsonObject
            {
                ["GracefulShutdownTimeout"] = Text(_terms.Graceful),
                ["HookTimeout"] = Text(_terms.HookTimeout),
                ["Services"] = services,
            },
        };
    }

    private JsonObject Service(string name, int workers) => new()
    {
        ["Workers"] = workers,
        ["ReadyTimeout"] = Text(_terms.ReadyTimeout),
        ["MaxUnavailable"] = _terms.MaxUnavailable(name),
        ["RestartBackoff"] = "00:00:00.1",
        ["MaxRestartBackoff"] = "00:00:01",
        ["StableAfter"] = "00:00:02",
        ["MaxRestarts"] = GivenUp.Contains(name) ? 2 : null,
        ["LivenessTimeout"] = _terms.LivenessTimeout(name) is { } timeout ? Text(timeout) : null,
        ["MaxAge"] = Ages.Contains(name) ? Text(_terms.MaxAge) : null,
    };

    private static string Text(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);
}
