using System.Diagnostics;
using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The metrics of the OpenTelemetry SDK in the master after a known number of faults.</summary>
public class MetricsTests
{
    private const string Telemetry = "--Telemetry=true";

    [Test, Category("Aot"), Category("Long")]
    public async Task Counters_equal_the_faults_and_commands()
    {
        await using var app = TestProgram.Start(
            Telemetry, "--Heavy", "4", "--Shaky", "0", "--Script:light:Run", "gate@1 throw@1 wait", "--Script:shaky:Constructor", "throw",
            "--Cotyledon:Services:shaky:MaxRestarts", "2", "--Cotyledon:Services:shaky:RestartBackoff", "00:00:00.01");
        await app.WaitForReadyAsync("light", 0);
        File.WriteAllText(Path.Combine(app.Directory, "gate"), "");
        await app.WaitForReadyAsync("light", 0, incarnation: 2);
        for (var id = 0; id < 3; id++)
        {
            Linux.Send(await app.WaitForReadyAsync("heavy", id), Linux.Kill);
            await app.WaitForReadyAsync("heavy", id, incarnation: 2);
        }

        await app.WaitForReadyAsync("heavy", 3);
        await DoAsync(app, "reload", "reload", "resize heavy 6", "resize heavy 3", "restart heavy", "resize shaky 1");
        await app.UntilStatusAsync("shaky", status => status == "0/1 0=GivenUp");
        var metrics = await CollectAsync(app, starts: 19);

        Assert.That(Of(metrics, "cotyledon.worker.restarts"), Is.EquivalentTo(new[]
        {
            "cotyledon.service=heavy,cotyledon.worker.exit.reason=signaled 3",
            "cotyledon.service=heavy,cotyledon.worker.exit.reason=replaced 3",
            "cotyledon.service=light,cotyledon.worker.exit.reason=faulted 1",
            "cotyledon.service=light,cotyledon.worker.exit.reason=replaced 2",
            "cotyledon.service=shaky,cotyledon.worker.exit.reason=faulted 2",
        }));
        Assert.That(Of(metrics, "cotyledon.worker.start.duration"), Is.EquivalentTo(new[]
        {
            "cotyledon.service=heavy,cotyledon.worker.start.origin=process 12",
            "cotyledon.service=light,cotyledon.worker.start.origin=process 4",
            "cotyledon.service=shaky,cotyledon.worker.start.origin=process,error.type=faulted 3",
        }));
        Assert.That(Of(metrics, "cotyledon.reload.duration"), Is.EquivalentTo(new[]
        {
            "cotyledon.reload.kind=reload,cotyledon.reload.outcome=reloaded 2",
            "cotyledon.reload.kind=restart,cotyledon.reload.outcome=reloaded 1",
        }));
        AssertShowsWhatRuns(metrics);
        await app.StopAsync();
        AssertSpans(app);
    }

    [Test]
    public async Task Worker_started_from_a_spare_is_counted_with_that_origin()
    {
        await using var app = TestProgram.Start(Telemetry, "--Cotyledon:SpareWorkers", "1");
        await app.WaitForAllReadyAsync();
        await SpareTests.SpareAsync(app);
        Linux.Send(await app.WaitForReadyAsync("heavy", 1), Linux.Kill);
        await app.WaitForReadyAsync("heavy", 1, incarnation: 2);

        Assert.That(Of(await CollectAsync(app, starts: 4), "cotyledon.worker.start.duration"), Is.EquivalentTo(new[]
        {
            "cotyledon.service=heavy,cotyledon.worker.start.origin=process 2",
            "cotyledon.service=heavy,cotyledon.worker.start.origin=spare 1",
            "cotyledon.service=light,cotyledon.worker.start.origin=process 1",
        }));
        await app.StopAsync();
    }

    [Test]
    public async Task Queue_metrics_count_items_by_state()
    {
        await using var app = TestProgram.Start(
            Telemetry, "--Heavy", "1", "--Light", "-1", "--Consumers", "0", "--Cotyledon:Queues:work:MaxAttempts", "2");
        await app.WaitForReadyAsync("heavy", 0);
        await DoAsync(app, "enqueue 30", "enqueue-one abandon");
        Assert.That(
            await QueueAsync(app), Is.EqualTo("completed 0, dead 0, depth 31, enqueued 31, redelivered 0, taken 0"));

        app.Command("resize consumer 2");
        await app.UntilAsync(() => app.Trace.Count(t => t.Is("abandons")) == 2, "the last attempt");
        await app.UntilAsync(() => Done(app) == 30, "all other items");
        var watch = Stopwatch.StartNew();
        const string Expected = "completed 30, dead 1, depth 0, enqueued 31, redelivered 1, taken 0";
        string counts;
        do
        {
            // The settlements of a reader reach the master with a delay, and the instruments are read one after the other.
            counts = await QueueAsync(app);
        }
        while (counts != Expected && watch.Elapsed < TestProgram.Limit);

        Assert.That(counts, Is.EqualTo(Expected));
        await app.StopAsync();
    }

    [Test, Category("Aot")]
    public async Task Each_worker_has_its_own_instance_id_in_environment_configuration_and_sdk()
    {
        await using var app = TestProgram.Start(
            start => start.Environment["OTEL_RESOURCE_ATTRIBUTES"] = "service.instance.id=the-master,host.name=a%2Cb",
            Telemetry, "--Cotyledon:Services:light:Environment:OTEL_RESOURCE_ATTRIBUTES", "own=1");
        await app.WaitForAllReadyAsync();
        var first = await app.WaitForReadyAsync("heavy", 0);
        Linux.Send(first, Linux.Kill);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        var resources = await app.WaitForAsync(4, "resource");

        var ids = new List<string>();
        foreach (var resource in resources)
        {
            var rest = resource.Service == "light" ? "own=1" : "host.name=a%2Cb";
            Assert.That(resource.Detail, Does.Match($"^({rest},service.instance.id=([0-9a-f-]{{36}})) \\1 \\2$"), "environment, configuration, SDK");
            ids.Add(resource.Detail.Split(' ')[2]);
        }

        Assert.That(ids, Is.Unique);
        Assert.That(
            Linux.EnvironmentOf(app.ProcessId)["OTEL_RESOURCE_ATTRIBUTES"], Is.EqualTo("service.instance.id=the-master,host.name=a%2Cb"));
        await app.StopAsync();
    }

    private static void AssertShowsWhatRuns(IReadOnlyList<string> metrics)
    {
        Assert.That(Of(metrics, "cotyledon.worker.count").Where(m => !m.EndsWith(" 0", StringComparison.Ordinal)), Is.EquivalentTo(new[]
        {
            "cotyledon.service=heavy,cotyledon.worker.state=ready 3",
            "cotyledon.service=light,cotyledon.worker.state=ready 1",
            "cotyledon.service=shaky,cotyledon.worker.state=given_up 1",
        }));
        Assert.That(Of(metrics, "cotyledon.worker.target"), Is.EquivalentTo(new[]
        {
            "cotyledon.service=heavy 3", "cotyledon.service=light 1", "cotyledon.service=shaky 1",
        }));
        Assert.That(Of(metrics, "cotyledon.worker.memory.usage"), Has.Count.EqualTo(4).And.None.EndWith(" 0"));
        Assert.That(Of(metrics, "cotyledon.drops"), Is.EquivalentTo(new[]
        {
            "cotyledon.drop.kind=events 0", "cotyledon.drop.kind=log_lines 0", "cotyledon.drop.kind=measurements 0",
        }));
    }

    private static void AssertSpans(TestProgram app)
    {
        var spans = app.Trace.Where(t => t.Is("span")).Select(t => t.Detail.Split(' ')).ToList();
        var names = spans.CountBy(s => $"{s[0]} {s[1]}").ToDictionary();
        Assert.That(names, Is.EquivalentTo(new Dictionary<string, int>
        {
            ["cotyledon.worker.start Unset"] = 16,
            ["cotyledon.worker.start Error"] = 3,
            ["cotyledon.worker.restart Unset"] = 9,
            ["cotyledon.reload Unset"] = 2,
            ["cotyledon.restart Unset"] = 1,
            ["cotyledon.stop Unset"] = 1,
        }));
        var restarts = spans.Where(s => s[0] == "cotyledon.worker.restart").Select(s => s[3].Replace("id=", "parent="));
        var starts = spans.Where(s => s[0] == "cotyledon.worker.start").Select(s => s[2]);
        Assert.That(starts.Intersect(restarts).Count(), Is.EqualTo(9), "each restart has its start");
    }

    private static async Task DoAsync(TestProgram app, params string[] commands)
    {
        foreach (var command in commands)
        {
            var before = Count(command);
            app.Command(command);
            await app.UntilAsync(() => Count(command) > before, command);
        }

        int Count(string command) => app.Trace.Count(t =>
            (t.Is("done") && t.Detail == command) || (t.Is("failed") && t.Detail.StartsWith($"{command}:", StringComparison.Ordinal)));
    }

    /// <summary>Collects all points of the SDK: name, unit, attributes, value.</summary>
    private static async Task<IReadOnlyList<string>> CollectAsync(TestProgram app)
    {
        var before = app.Trace.Count(t => t.Is("metric"));
        await DoAsync(app, "metrics");
        return [.. app.Trace.Where(t => t.Is("metric")).Skip(before).Select(t => t.Detail)];
    }

    /// <summary>Collects until so many starts are counted: the SDK receives them shortly after the worker is ready.</summary>
    private static async Task<IReadOnlyList<string>> CollectAsync(TestProgram app, int starts)
    {
        var watch = Stopwatch.StartNew();
        IReadOnlyList<string> metrics;
        do
        {
            metrics = await CollectAsync(app);
        }
        while (Of(metrics, "cotyledon.worker.start.duration").Sum(CountOf) < starts && watch.Elapsed < TestProgram.Limit);

        return metrics;
    }

    private static int CountOf(string point) => int.Parse(point.Split(' ')[^1], CultureInfo.InvariantCulture);

    private static IReadOnlyList<string> Of(IReadOnlyList<string> metrics, string name) =>
    [
        .. metrics
            .Select(m => m.Split(' ', 3))
            .Where(m => m[0] == name)
            .Select(m => m[2]),
    ];

    private static async Task<string> QueueAsync(TestProgram app) => string.Join(", ", (await CollectAsync(app))
        .Where(m => m.Contains(" cotyledon.queue=work ", StringComparison.Ordinal))
        .Select(m => m.Split(' '))
        .Select(m => $"{m[0].Split('.')[2]} {m[3]}")
        .Order(StringComparer.Ordinal));

    private static int Done(TestProgram app) =>
        File.Exists(Path.Combine(app.Directory, "trace.done")) ? File.ReadLines(Path.Combine(app.Directory, "trace.done")).Count() : 0;
}
