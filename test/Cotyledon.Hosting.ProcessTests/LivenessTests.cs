using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>And pauses that must not trip the liveness check.</summary>
public class LivenessTests
{
    private static readonly string[] Watched =
    [
        "--Light", "-1",
        "--Cotyledon:Services:heavy:LivenessTimeout", "00:00:02",
        "--Cotyledon:Services:heavy:GracefulShutdownTimeout", "00:00:02",
    ];

    [Test, Category("Aot"), Category("Guarantee 7")]
    public async Task Paused_worker_is_killed_and_replaced_with_the_same_id()
    {
        await using var app = TestProgram.Start(Watched);
        await app.WaitForReadyAsync("heavy", 0);
        var stopped = await app.WaitForReadyAsync("heavy", 1);
        Linux.Send(stopped, Linux.Stop);

        var exit = await app.WaitForAsync("hook-dead", "heavy", 1, 1);
        Assert.That(exit.Detail, Does.StartWith("LivenessTimeout code= signal=9").And.Contain("stopped by a signal"));
        await app.WaitForReadyAsync("heavy", 1, incarnation: 2);
        Assert.That(Linux.Exists(stopped), Is.False, "no zombie");
        await app.StopAsync();
        Assert.That(app.Output, Does.Contain("missed its liveness deadline of 00:00:02 and is being stopped."));
        Assert.That(app.Trace.Count(t => t.Is("hook-dead", "heavy", 0)), Is.EqualTo(1), "the other worker was not replaced");
    }

    [Test]
    [Category("Guarantee 7")]
    public async Task Worker_with_a_blocked_thread_pool_is_replaced()
    {
        await using var app = TestProgram.Start([.. Watched, "--Heavy", "1", "--Script:heavy:Run", "gate@1 blockpool@1 hang@1 wait"]);
        await app.WaitForReadyAsync("heavy", 0);
        app.OpenGate();

        var exit = await app.WaitForAsync("hook-dead", "heavy", 0, 1);
        Assert.That(exit.Detail, Does.StartWith("LivenessTimeout ").And.Contain("threads: "));
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
    }

    /// <summary>Once a service calls <c>ReportAlive</c>, only that counts. Here it calls it once, and again after an hour.</summary>
    [Test]
    public async Task Worker_is_replaced_when_its_service_no_longer_reports_alive()
    {
        await using var app = TestProgram.Start(
            "--Heavy", "1", "--Light", "-1", "--Script:heavy:Run", "alive:3600000@1 wait", "--Cotyledon:Services:heavy:LivenessTimeout", "00:00:05");

        // It has another five seconds to stop.
        Assert.That((await app.WaitForAsync("hook-dead", "heavy", 0, 1)).Detail, Does.StartWith("LivenessTimeout code=0"));
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
    }

    [Test]
    public async Task Worker_whose_service_reports_alive_is_not_replaced()
    {
        await using var app = TestProgram.Start([.. Watched, "--Heavy", "1", "--Script:heavy:Run", "alive:100 wait"]);
        var worker = await app.WaitForReadyAsync("heavy", 0);
        var beats = Linux.SwitchesOf(worker);
        await app.UntilAsync(() => Linux.SwitchesOf(worker) > beats + 50, "the worker to run for some seconds");

        Assert.That(app.Trace.Count(t => t.Is("hook-dead")), Is.Zero);
        await app.StopAsync();
    }

    [Test]
    public async Task Idle_worker_whose_service_has_reported_alive_is_not_replaced()
    {
        await using var app = TestProgram.Start([.. Watched, "--Heavy", "1", "--Script:heavy:Run", "alive:3600000"]);
        var worker = await app.WaitForReadyAsync("heavy", 0);
        await app.UntilStatusAsync("heavy", status => status == "1/1 0=Idle");
        var beats = Linux.SwitchesOf(worker);
        await app.UntilAsync(() => Linux.SwitchesOf(worker) > beats + 50, "the worker to run for some seconds");

        Assert.That(app.Trace.Count(t => t.Is("hook-dead")), Is.Zero);
        await app.StopAsync();
    }

    /// <summary>A master after SIGSTOP, on a suspended machine, or in a frozen container sees the same gap in time.</summary>
    [Test]
    [Category("Long")]
    public async Task Paused_master_does_not_trip_liveness()
    {
        await using var app = TestProgram.Start(Watched);
        await app.WaitForReadyAsync("heavy", 0);
        var worker = await app.WaitForReadyAsync("heavy", 1);
        for (var i = 0; i < 3; i++)
        {
            app.Signal(Linux.Stop);
            await app.UntilAsync(() => Linux.StateOf(app.ProcessId) == "T", "the master to be paused");
            var beats = Linux.SwitchesOf(worker);
            await app.UntilAsync(() => Linux.SwitchesOf(worker) > beats + 25, "far more than the liveness timeout");
            app.Signal(Linux.Continue);
            await app.UntilStatusAsync("heavy", status => status.StartsWith("2/2", StringComparison.Ordinal));
        }

        await app.StopAsync();
        Assert.That(app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail[..7]), Is.EqualTo(new[] { "Stopped", "Stopped" }));
    }

    /// <summary>systemd counts the time of a pause, so the notice to its watchdog must not wait any longer after it.</summary>
    [Test]
    public async Task Paused_master_does_not_trip_the_watchdog_of_systemd_after_the_pause()
    {
        using var systemd = new NotifySocket();
        await using var app = TestProgram.Start(
            start => (start.Environment["NOTIFY_SOCKET"], start.Environment["WATCHDOG_USEC"]) = (systemd.Address, "10000000"), Watched);
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        systemd.Drain();
        systemd.ReceiveUntil(text => text == "WATCHDOG=1");
        var sinceBeat = Stopwatch.StartNew();
        app.Signal(Linux.Stop);
        await Task.Delay(TimeSpan.FromSeconds(6));
        app.Signal(Linux.Continue);
        systemd.ReceiveUntil(text => text == "WATCHDOG=1");
        Assert.That(sinceBeat.Elapsed, Is.LessThan(TimeSpan.FromSeconds(9.5)));
        await app.StopAsync();
    }

    /// <summary>All processes are paused, as in a frozen cgroup, and continued in another order.</summary>
    [Test]
    [Category("Long")]
    public async Task Freeze_of_all_processes_does_not_trip_liveness()
    {
        await using var app = TestProgram.Start(Watched);
        int[] all = [await app.WaitForReadyAsync("heavy", 0), await app.WaitForReadyAsync("heavy", 1), app.ProcessId];
        foreach (var process in all)
        {
            Linux.Send(process, Linux.Stop);
        }

        await Task.Delay(TimeSpan.FromSeconds(4));
        foreach (var process in all.Reverse())
        {
            Linux.Send(process, Linux.Continue);
        }

        var beats = Linux.SwitchesOf(all[0]);
        await app.UntilAsync(() => Linux.SwitchesOf(all[0]) > beats + 25, "longer than the liveness timeout");
        await app.StopAsync();
        Assert.That(app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail[..7]), Is.EqualTo(new[] { "Stopped", "Stopped" }));
    }

    [Test]
    public async Task Liveness_timeout_set_at_run_time_applies_to_running_workers()
    {
        await using var app = Settings.Start(Settings.Text("a", heavy: 1), "--Light", "-1");
        var worker = await app.WaitForReadyAsync("heavy", 0);
        new Settings(app.Directory).Write(Settings.Text("a", heavy: 1).Replace(
            "\"Workers\": 1", "\"Workers\": 1, \"LivenessTimeout\": \"00:00:05\"", StringComparison.Ordinal));
        await app.WaitForAsync("changed", "heavy", 0);
        var beats = Linux.SwitchesOf(worker);
        await app.UntilAsync(() => Linux.SwitchesOf(worker) > beats + 8, "heartbeats");
        Linux.Send(worker, Linux.Stop);
        await app.UntilAsync(() => app.Output.Contains("missed its liveness deadline", StringComparison.Ordinal), "the missed deadline");
        Linux.Send(worker, Linux.Continue);

        Assert.That((await app.WaitForAsync("hook-dead", "heavy", 0, 1)).Detail, Does.StartWith("LivenessTimeout code=0"));
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
    }
}
