namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Workers are replaced one after the other, and a replacement that fails stops no running worker.</summary>
public class RollingRestartTests
{
    [Test]
    [Category("Guarantee 5")]
    public async Task Each_successor_is_started_before_its_predecessor_exits()
    {
        await using var app = TestProgram.Start("--Heavy", "3", "--Light", "-1");
        await WaitForReadyAsync(app, 3);
        app.Command("restart heavy");
        Assert.That((await app.WaitForAsync("result")).Detail, Is.EqualTo("Reloaded changed= heavy:0/3 errors="));

        // Events may be traced after the result.
        await WaitForReadyAsync(app, 3, incarnation: 2);
        AssertNeverMissing(app.Trace, workers: 3, allowed: 1);
        foreach (var exit in app.Trace.Where(t => t.Is("event") && t.Detail.StartsWith("Exited", StringComparison.Ordinal)))
        {
            var takenOver = app.Trace.First(t => t.Is("event", "heavy", exit.WorkerId, 2) && t.Detail.StartsWith("Assigned", StringComparison.Ordinal));
            var started = app.Trace.First(t => t.Is("event") && t.Detail == $"Started {takenOver.Detail.Split(' ')[1]}");
            Assert.That(started.Time, Is.LessThan(exit.Time), "started before its predecessor exited");
        }

        await app.StopAsync();
    }

    [Test]
    [Category("Guarantee 5")]
    public async Task At_most_MaxUnavailable_workers_are_replaced_at_a_time()
    {
        await using var app = TestProgram.Start(
            "--Heavy", "6", "--Light", "-1", "--Script:heavy:Terminate", "delay:500", "--Cotyledon:Services:heavy:MaxUnavailable", "2");
        await WaitForReadyAsync(app, 6);
        app.Command("restart heavy");
        Assert.That((await app.WaitForAsync("result")).Detail, Is.EqualTo("Reloaded changed= heavy:0/6 errors="));

        await WaitForReadyAsync(app, 6, incarnation: 2);
        AssertNeverMissing(app.Trace, workers: 6, allowed: 2);
        Assert.That(() => AssertNeverMissing(app.Trace, workers: 6, allowed: 1), Throws.TypeOf<AssertionException>(), "two at a time");
        await app.StopAsync();
    }

    [TestCase(true)]
    [TestCase(false, Category = "Long")]
    public async Task Worker_killed_during_a_rolling_restart_is_replaced_and_the_restart_continues(bool old)
    {
        await using var app = TestProgram.Start("--Heavy", "4", "--Light", "-1", "--Script:heavy:Terminate", "delay:200");
        await WaitForReadyAsync(app, 4);
        app.Command("restart heavy");
        var victim = old
            ? await app.WaitForReadyAsync("heavy", 3)
            : await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        Linux.Send(victim, Linux.Kill);
        await app.WaitForAsync("result");
        await app.UntilStatusAsync("heavy", status => status == "4/4 0=Ready 1=Ready 2=Ready 3=Ready");
        await WaitForReadyAsync(app, 4, incarnation: 2);

        // The killed worker is unavailable in addition to the planned one.
        AssertNeverMissing(app.Trace, workers: 4, allowed: 2);
        await app.StopAsync();
    }

    [Test]
    public async Task Configuration_that_breaks_the_worker_host_stops_no_running_worker()
    {
        await using var app = Settings.Start(Settings.Text("one", more: "\"WorkerHostFails\": false,"), "--Cotyledon:ReloadOnChange", "false", "--Light", "-1");
        await WaitForReadyAsync(app, 2);
        new Settings(app.Directory).Write(Settings.Text("two", more: "\"WorkerHostFails\": true,"));
        app.Command("restart heavy");
        Assert.That((await app.WaitForAsync("result")).Detail, Does.StartWith("Failed ").And.Contain("the worker's host, as scripted"));
        await app.UntilStatusAsync("heavy", status => status == "2/2 0=Ready 1=Ready");
        Assert.That(app.Trace.Count(t => t.Is("terminate")), Is.Zero, "no worker was stopped");
        await app.WaitForAsync("hook-dead");
        Assert.That(app.Trace.Count(t => t.Is("hook-dead")), Is.EqualTo(1), "the worker that could not start");
        await app.StopAsync();
    }

    [Test]
    public async Task Worker_that_cannot_reload_keeps_its_values_until_it_is_replaced()
    {
        await using var app = Settings.Start(Settings.Text("one", heavy: 0), "--Light", "2");
        var settings = new Settings(app.Directory);
        await WaitForReadyAsync(app, 2, service: "light");

        settings.Write(Settings.Text("two", heavy: 0, more: "\"WorkerHostFails\": true,"));
        await app.WaitForAsync("hook-dead");
        await app.UntilStatusAsync("light", status => status == "2/2 0=Ready 1=Ready");

        settings.Write(Settings.Text("three", heavy: 0));
        await WaitForReadyAsync(app, 2, incarnation: 2, service: "light");
        Assert.That(app.Trace.Where(t => t.Is("stop", "light")).Select(t => t.Detail), Is.EqualTo(new[] { "one", "one" }));
        Assert.That(app.Trace.Where(t => t.Is("start", "light") && t.Incarnation == 2).Select(t => t.Detail), Is.All.EqualTo("three"));
        Assert.That(app.Trace.Count(t => t.Is("changed", "light")), Is.Zero);
        await app.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Successor_that_is_not_ready_in_time_fails_the_rolling_restart()
    {
        await using var app = Settings.Start(Settings.Text("one"), "--Light", "-1");
        await WaitForReadyAsync(app, 2);

        // The timeout comes with this edit because the start of the first workers takes longer on a machine under load.
        new Settings(app.Directory).Write(Settings.Text("two", more: "\"Script\": { \"heavy\": { \"Constructor\": \"hang\" } },").Replace(
            "\"Workers\": 2", "\"Workers\": 2, \"ReadyTimeout\": \"00:00:04\"", StringComparison.Ordinal));
        await app.WaitForAsync(2, "reloaded", "heavy");
        app.Command("restart heavy");
        Assert.That((await app.WaitForAsync("result")).Detail, Does.StartWith("Failed ").And.Contain("ReadyTimeout"));
        Assert.That(app.Trace.Count(t => t.Is("terminate")), Is.EqualTo(1), "the other workers keep running");
        new Settings(app.Directory).Write(Settings.Text("one"));
        await app.UntilStatusAsync("heavy", status => status == "2/2 0=Ready 1=Ready");
        await app.StopAsync();
    }

    [Test]
    public async Task Resize_or_stop_during_a_rolling_restart_takes_effect()
    {
        await using var app = TestProgram.Start("--Heavy", "5", "--Light", "-1", "--Script:heavy:Terminate", "delay:200");
        await WaitForReadyAsync(app, 5);
        app.Command("restart heavy");
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        app.Command("resize heavy 2");
        await app.WaitForAsync("result");
        await app.UntilStatusAsync("heavy", status => status == "2/2 0=Ready 1=Ready");
        await app.UntilAsync(() => Linux.ChildrenOf(app.ProcessId).Count == 2, "no spare worker is left");
        app.Command("restart heavy");
        await app.WaitForAsync(1, "terminate", "heavy", 0, 2);
        await app.StopAsync();
    }

    private static async Task WaitForReadyAsync(TestProgram app, int workers, int incarnation = 1, string service = "heavy")
    {
        for (var id = 0; id < workers; id++)
        {
            await app.WaitForReadyAsync(service, id, incarnation);
        }
    }

    /// <summary>Follows the events: once all workers are ready, at most the allowed number is unavailable at a time.</summary>
    private static void AssertNeverMissing(IReadOnlyList<TraceLine> trace, int workers, int allowed)
    {
        var ready = new HashSet<int>();
        var wasComplete = false;
        foreach (var line in trace.Where(t => t.Is("event", "heavy") && t.Incarnation > 0))
        {
            switch (line.Detail.Split(' ')[0])
            {
                case "Ready":
                    ready.Add(line.WorkerId);
                    break;
                case "Stopping" or "Killed" or "Exited":
                    ready.Remove(line.WorkerId);
                    break;
            }

            wasComplete |= ready.Count == workers;
            Assert.That(!wasComplete || ready.Count >= workers - allowed, $"only {ready.Count} ready at {line}");
        }
    }
}
