using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>One log: the master writes the events of its workers.</summary>
public class LogTests
{
    [Test, Category("Aot"), Category("Guarantee 12")]
    public async Task Events_of_four_workers_are_in_one_rolling_file_exactly_once_and_in_order()
    {
        await using var app = Start(writers: 4, "--Lines=10000");
        await app.WaitForAsync(4, "wrote");
        await app.StopAsync();

        var lines = Lines(app, "Line");
        Assert.That(lines, Has.Count.EqualTo(40_000), () => app.Output);
        foreach (var worker in lines.GroupBy(line => line.Number("WorkerId")))
        {
            Assert.That(worker.Select(line => line.Number("Number")), Is.EqualTo(Enumerable.Range(0, 10_000)));
            Assert.That(worker.Select(line => line.ProcessId).Distinct().Count(), Is.EqualTo(1));
            Assert.That(worker.Select(line => $"{line["Service"]} {line["Incarnation"]}").Distinct(), Is.EqualTo(new[] { "writer 1" }));
        }

        Assert.That(Directory.GetFiles(app.Directory, "log-*.json"), Has.Length.GreaterThan(3), "the log has rolled");
        Assert.That(app.Trace.Count(t => t.What == "sinks"), Is.EqualTo(1), "only the master has sinks");
    }

    /// <summary>No event is forwarded in this mode, but each names its worker, also those of the static logger.</summary>
    [TestCase("forward"), Category("Aot")]
    [TestCase("direct")]
    public async Task Events_of_in_process_workers_name_their_worker(string mode)
    {
        await using var app = Start(writers: 4, $"--Log={mode}", "--Cotyledon:Mode=InProcess", "--Lines=1000", "--Detail=true");
        await app.WaitForAsync(4, "wrote");
        var process = (await app.WaitForAsync("main-master")).ProcessId;
        await app.StopAsync();

        var log = LogLine.ReadAll(app.Directory);
        foreach (var worker in Enumerable.Range(0, 4))
        {
            var lines = log.Where(line => line.Is("Line") && line.Number("WorkerId") == worker).ToList();
            Assert.That(lines.Select(line => line.Number("Number")), Is.EqualTo(Enumerable.Range(0, 1000)));
            Assert.That(
                lines.Append(log.Single(line => line.Template == "Static {Word} {Id}" && line.Number("WorkerId") == worker))
                    .Select(line => $"{line["Service"]} {line["Incarnation"]} {line.ProcessId}"),
                Is.All.EqualTo($"writer 1 {process}"));
        }
    }

    [Test, Category("Aot"), Category("Guarantee 12")]
    public async Task Event_arrives_with_its_values_exception_and_trace_id()
    {
        await using var app = Start(writers: 1, "--Detail=true");
        var trace = (await app.WaitForAsync("detail")).Detail;
        var process = await app.WaitForReadyAsync("writer", 0);
        await UntilAsync(app, lines => lines.Any(line => line.Template == "Static {Word} {Id}"), "the details");

        var detail = LogLine.ReadAll(app.Directory).Single(line => line.Template == "Detail {Price} {Day} {Numbers}");
        Assert.That(detail.Level, Is.EqualTo("Error"));
        Assert.That(detail.ProcessId, Is.EqualTo(process));
        Assert.That(detail["Enriched"].GetInt32(), Is.EqualTo(process), "an enricher of workers runs in the worker");
        Assert.That(detail.TraceId, Is.EqualTo(trace));
        Assert.That(detail["Price"].GetDecimal(), Is.EqualTo(1.5m));
        Assert.That(detail["Day"].GetString(), Is.EqualTo("Friday"));
        Assert.That(detail["Numbers"].ToString(), Is.EqualTo("[1,2,3]"));
        Assert.That(detail["SourceContext"].GetString(), Is.EqualTo("Cotyledon.Hosting.TestApp.WriterService"));
        Assert.That(detail.Exception, Does.StartWith("System.IO.InvalidDataException: outer").And.Contain("FormatException: inner"));
        Assert.That(DateTimeOffset.Now - detail.Time, Is.LessThan(TimeSpan.FromMinutes(1)));
        Assert.That(detail["EventId"].GetProperty("Name").GetString(), Is.EqualTo("LogDetail"));
        await app.StopAsync();
    }

    [TestCase("throw"), Category("Aot")]
    [TestCase("failfast")]
    [TestCase("signal:9")]
    public async Task Last_event_before_a_crash_is_logged(string end)
    {
        await using var app = Start(writers: 1, "--Lines=100", $"--Script:writer:Run={end}@1");
        await app.WaitForReadyAsync("writer", 0, incarnation: 2);
        await app.StopAsync();

        Assert.That(LinesOf(app, incarnation: 1), Is.EqualTo(Enumerable.Range(0, 100)));
    }

    [TestCase("flush signal:9")]
    [TestCase("flush failfast", Category = "Long")]
    [TestCase("throw")]
    [TestCase("exit:5", Category = "Long")]
    [Category("Guarantee 12")]
    public async Task All_flushed_events_are_logged(string end)
    {
        await using var app = Start(writers: 1, "--Lines=10000", $"--Script:writer:Run={end.Replace(" ", "@1 ", StringComparison.Ordinal)}@1");
        await app.WaitForReadyAsync("writer", 0, incarnation: 2);
        await app.StopAsync();

        Assert.That(LinesOf(app, incarnation: 1), Is.EqualTo(Enumerable.Range(0, 10_000)));
    }

    [Test]
    public async Task Events_written_while_workers_stop_are_logged()
    {
        await using var app = Start(writers: 3, "--LastLines=8000");
        for (var id = 0; id < 3; id++)
        {
            await app.WaitForReadyAsync("writer", id);
        }

        await app.StopAsync();

        Assert.That(Lines(app, "Last"), Has.Count.EqualTo(24_000), () => app.Output);
    }

    /// <summary>The host is then disposed of without a stop.</summary>
    [Test]
    public async Task Events_written_while_workers_stop_are_logged_if_the_start_of_the_master_fails()
    {
        await using var app = Start(writers: 2, "--LastLines=1000", "--NeighbourGate=gate", "--NeighbourThrows=error");
        await app.WaitForReadyAsync("writer", 0);
        await app.WaitForReadyAsync("writer", 1);
        await app.WaitForAsync("neighbour-start", "after");
        app.OpenGate();

        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(128 + Linux.Abort), app.Describe);
        await app.UntilGoneAsync();
        Assert.That(Lines(app, "Last"), Has.Count.EqualTo(2000), () => app.Output);
        Assert.That(
            LogLine.ReadAll(app.Directory).Where(line => line.Template.Contains("not written in time", StringComparison.Ordinal)), Is.Empty);
    }

    /// <summary>The buffer of the worker fills up. The worker continues, and every lost event is counted.</summary>
    [Test]
    [Category("Long"), Category("Guarantee 12")]
    public async Task Master_paused_for_ten_seconds_does_not_block_a_worker_and_logs_the_count_of_lost_events()
    {
        await using var app = Start(writers: 1, "--Tick=2", "--BufferSize=2000");
        var stopped = (await app.WaitForAsync("tick")).Time;
        app.Signal(Linux.Stop);
        await app.UntilAsync(() => Ticks(app)[^1].Time - stopped > TimeSpan.FromSeconds(10), "ten seconds of work");
        app.Signal(Linux.Continue);
        await UntilAsync(app, lines => lines.Any(IsLoss), "the report of lost events");
        await app.StopAsync();

        var ticks = Ticks(app);
        var longest = ticks.Zip(ticks.Skip(1), (first, second) => second.Time - first.Time).Max();
        TestContext.Out.WriteLine($"{ticks.Count} ticks, the longest took {longest.TotalMilliseconds} ms.");
        Assert.That(longest, Is.LessThan(TimeSpan.FromSeconds(8)), "a blocked worker would pause for ten seconds");
        var log = LogLine.ReadAll(app.Directory);
        var losses = log.Where(IsLoss).ToList();
        Assert.That(losses.Select(line => line["Service"].GetString()), Is.All.EqualTo("writer"));
        Assert.That(
            log.Count(line => line.Is("Tick")) + losses.Sum(line => line.Number("Count")),
            Is.EqualTo(int.Parse(ticks[^1].Detail, CultureInfo.InvariantCulture)));
        Assert.That(Numbers(log.Where(line => line.Is("Tick"))), Is.All.LessThan(100));
    }

    [Test]
    public async Task Level_changed_at_a_reload_applies_to_workers_that_are_not_reloaded()
    {
        await using var app = Settings.Start(
            """{ "LogLevel": "Information" }""",
            "--Heavy=-1", "--Light=-1", "--Log=forward", "--Tick=10", "--Cotyledon:Services:writer:ReloadMethod=None");
        var settings = new Settings(app.Directory);
        await UntilAsync(app, lines => lines.Any(line => line.Is("Tick")), "ticks");
        Assert.That(LogLine.ReadAll(app.Directory).Where(IsDebug), Is.Empty);

        settings.Write("""{ "LogLevel": "Debug" }""");
        await UntilAsync(app, lines => lines.Any(IsDebug), "debug events");
        settings.Write("""{ "LogLevel": "Information", "QuietLevel": "Warning" }""");
        await UntilAsync(app, lines => lines.Any(line => line.Template == "Quiet {Number}"), "events that the override lets pass");
        var ticks = Ticks(app).Count;
        var debugs = LogLine.ReadAll(app.Directory).Count(IsDebug);
        await app.UntilAsync(() => Ticks(app).Count > ticks + 50, "more ticks");

        Assert.That(LogLine.ReadAll(app.Directory).Count(IsDebug), Is.EqualTo(debugs));
        Assert.That(app.Trace.Count(t => t.IsEvent("Assigned")), Is.EqualTo(1), "no worker was replaced");
        await app.StopAsync();
    }

    [Test, Category("Aot")]
    public async Task Direct_mode_writes_one_log_per_process()
    {
        await using var app = TestProgram.Start("--Heavy=-1", "--Light=-1", "--Log=direct", "--Writers=2", "--Lines=1000");
        await app.WaitForAsync(2, "wrote");
        await app.StopAsync();

        foreach (var worker in app.Trace.Where(t => t.What == "wrote"))
        {
            var lines = LogLine.ReadAll(app.Directory, $"log-{worker.ProcessId}-*.json").Where(line => line.Is("Line")).ToList();
            Assert.That(Numbers(lines), Is.EqualTo(Enumerable.Range(0, 1000)));
            Assert.That(lines[0].ProcessId, Is.EqualTo(worker.ProcessId));
            Assert.That(lines[0].Number("WorkerId"), Is.EqualTo(worker.WorkerId));
            Assert.That(lines[0]["Service"].GetString(), Is.EqualTo("writer"));
        }
    }

    private static bool IsDebug(LogLine line) => line.Template == "Debug {Number}";

    private static bool IsLoss(LogLine line) => line.Template.Contains("lost {Count} log events", StringComparison.Ordinal);

    private static TestProgram Start(int writers, params string[] arguments) => TestProgram.Start(
        ["--Heavy=-1", "--Light=-1", "--Log=forward", $"--Writers={writers}", "--Cotyledon:Services:writer:RestartBackoff=00:00:00.01", .. arguments]);

    private static Task UntilAsync(TestProgram app, Func<IReadOnlyList<LogLine>, bool> condition, string what) =>
        app.UntilAsync(() => condition(LogLine.ReadAll(app.Directory)), what);

    private static List<LogLine> Lines(TestProgram app, string what) =>
        [.. LogLine.ReadAll(app.Directory).Where(line => line.Is(what))];

    private static IEnumerable<long> LinesOf(TestProgram app, int incarnation) =>
        Numbers(Lines(app, "Line").Where(line => line.Number("Incarnation") == incarnation));

    private static IEnumerable<long> Numbers(IEnumerable<LogLine> lines) => lines.Select(line => line.Number("Number"));

    private static List<TraceLine> Ticks(TestProgram app) => [.. app.Trace.Where(t => t.What == "tick")];
}
