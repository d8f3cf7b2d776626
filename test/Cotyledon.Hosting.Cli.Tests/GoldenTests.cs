using System.Reflection;

namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>The text of each verb. With <c>COTYLEDON_UPDATE_GOLDEN=1</c>, the files are written again.</summary>
internal sealed class GoldenTests
{
    private static readonly string Golden = typeof(GoldenTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "GoldenDirectory").Value!;

    [TestCase("ps")]
    [TestCase("describe")]
    [TestCase("describe polling")]
    [TestCase("describe polling/1")]
    [TestCase("describe mailer/0")]
    [TestCase("scale polling=4")]
    [TestCase("scale polling=4 mailer=4")]
    [TestCase("reset polling")]
    [TestCase("start polling")]
    [TestCase("stop polling --yes")]
    [TestCase("restart polling")]
    [TestCase("reload")]
    [TestCase("kill polling/0 --yes")]
    [TestCase("events")]
    [TestCase("events polling/1")]
    [TestCase("events (spare)")]
    [TestCase("events --follow")]
    [TestCase("exits")]
    [TestCase("queue ls")]
    [TestCase("queue dead samples")]
    [TestCase("queue retry samples 17 18")]
    [TestCase("queue retry samples 17 18 19")]
    [TestCase("queue delete samples --all --yes")]
    [TestCase("logs")]
    [TestCase("completion bash")]
    [TestCase("completion zsh")]
    [TestCase("completion fish")]
    [TestCase("completion pwsh")]
    [TestCase("--help")]
    [TestCase("scale --help")]
    public async Task Output_of(string command)
    {
        await using var bench = new ToolBench();
        Samples.Script(bench.Start());
        await AssertAsync(bench, command, command);
    }

    [TestCase("restart polling", "aborted", """{"outcome":"Failed","services":[{"service":"polling","replaced":1,"failures":["polling/1 keeps incarnation 1"]}],"errors":["polling/1 keeps incarnation 1"],"durationMs":180}""")]
    [TestCase("reload", "rejected", """{"outcome":"Rejected","errors":["Cotyledon:Services:polling:Workers: 'x' is not a number"],"durationMs":1}""")]
    [TestCase("reload", "rejected twice", """{"outcome":"Rejected","errors":["A: 'x' is not a number","B: is missing"],"durationMs":1}""")]
    [TestCase("reload", "unchanged", """{"outcome":"Unchanged","durationMs":1}""")]
    [TestCase("reload", "settings", """{"outcome":"SettingsApplied","changedKeys":["Cotyledon:SpareWorkers"],"durationMs":1}""")]
    [TestCase("reload", "failed", """{"outcome":"Failed","changedKeys":["A"],"services":[{"service":"polling","reloaded":1,"replaced":3,"failures":["polling/1: threw"]}],"errors":["polling/1: threw"],"durationMs":61000}""")]
    public async Task Output_of_result(string command, string name, string result)
    {
        await using var bench = new ToolBench();
        bench.Start().On(command.Split(' ')[0], $"\"result\":{result}");
        await AssertAsync(bench, command, $"{command} {name}");
    }

    [Test]
    public async Task Output_of_a_program_that_starts_and_has_an_invalid_configuration()
    {
        await using var bench = new ToolBench();
        var overview = """{"phase":"Starting","health":"Unhealthy","startedAt":"2026-01-31T12:04:30Z","configurationErrors":["appsettings.json, line 3: expected a value"]}""";
        var operation = """{"id":3,"kind":"Restart","service":"polling","worker":1,"by":"control uid 0 pid 12","requestedAt":"2026-01-31T12:04:32Z","total":2,"done":1}""";
        bench.Start().On("status", $"\"result\":{Samples.StatusOf(overview, [Samples.Polling], operation)}");
        await AssertAsync(bench, "ps", "ps starting");
    }

    [Test]
    public async Task Output_of_a_web_application_has_connections_and_requests()
    {
        await using var bench = new ToolBench();
        var ready = Samples.Ready.Replace("\"memory\":3460300", "\"memory\":3460300,\"connections\":14,\"requests\":120345", StringComparison.Ordinal);
        var web = $$"""{"name":"Web","target":2,"configured":2,"ready":1,"workers":[{{ready}},{{Samples.BackingOff}}]}""";
        bench.Start().On("status", $"\"result\":{Samples.StatusOf(Samples.Overview, [web, Samples.Mailer])}");
        await AssertAsync(bench, "ps", "ps web");
        await AssertAsync(bench, "describe Web/0", "describe web");
    }

    [Test]
    public async Task Output_of_a_cluster_says_which_machine_holds_each_worker_id()
    {
        await using var bench = new ToolBench();
        var overview = Samples.Overview.Trim()[..^1]
            + ""","cluster":{"name":"orders","store":"PostgreSQL at db1:5432, database orders","problem":"it did not answer in time.\u001b[31m","readAt":"2026-01-31T12:04:30Z","leaseEndsAt":"2026-01-31T12:04:43Z","others":["db2 (pid 77)"]}}""";
        var elsewhere = """{"id":1,"state":"Standby","incarnation":0,"restarts":0,"holder":"db2 (pid 77)\u001b[31m"}""";
        var vacant = """{"id":2,"state":"Standby","incarnation":0,"restarts":0}""";
        var shared = $$"""{"name":"billing","target":1,"configured":3,"ready":1,"clusterTarget":3,"workers":[{{Samples.Ready}},{{elsewhere}},{{vacant}}]}""";
        bench.Start().On("status", $"\"result\":{Samples.StatusOf(overview, [shared, Samples.Polling])}");
        await AssertAsync(bench, "ps", "ps cluster");
        await AssertAsync(bench, "describe", "describe cluster");
        await AssertAsync(bench, "describe billing", "describe billing");
    }

    [Test]
    public async Task Output_in_a_terminal_has_colors_and_a_progress_bar()
    {
        await using var bench = new ToolBench { HasOutputTerminal = true };
        Samples.Script(bench.Start());
        await AssertAsync(bench, "ps", "ps terminal");
        await AssertAsync(bench, "scale polling=4", "scale terminal");
        await AssertAsync(bench, "restart polling", "restart terminal");
    }

    private static async Task AssertAsync(ToolBench bench, string command, string name)
    {
        var result = await bench.RunAsync(command.Split(' '));
        var text = $"$ cotyledon {command}\n{result.Output}{(result.Error.Length > 0 ? $"--- error\n{result.Error}" : "")}--- exit code {result.ExitCode}\n"
            .Replace("\e", "<ESC>", StringComparison.Ordinal).Replace("\r", "<CR>", StringComparison.Ordinal)
            .Replace($" ({Environment.ProcessId} on this host)", "", StringComparison.Ordinal);
        text = text.Replace("testhost", "cotyledon", StringComparison.Ordinal); // The name of this process.
        var file = Path.Combine(Golden, $"{name.Replace('/', '-').Replace(' ', '_').Replace("-", "", StringComparison.Ordinal)}.txt");
        if (Environment.GetEnvironmentVariable("COTYLEDON_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Golden);
            await File.WriteAllTextAsync(file, text);
        }

        Assert.That(text, Is.EqualTo(await File.ReadAllTextAsync(file)));
    }
}
