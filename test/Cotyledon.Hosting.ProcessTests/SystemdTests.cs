using System.Diagnostics;
using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The messages that the master sends to systemd.</summary>
public class SystemdTests
{
    private static readonly TimeSpan WatchdogTimeout = TimeSpan.FromSeconds(1);

    [Test]
    [Category("Aot")]
    public async Task Master_sends_ready_when_all_workers_are_ready_then_stopping_and_workers_send_nothing()
    {
        using var systemd = new NotifySocket();
        await using var app = Start(systemd, "--Script:light:Start", "delay:500");
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("READY=1"));
        AssertAllHaveStarted(app);
        Assert.That(systemd.Received[^2].Text, Is.EqualTo("STATUS=3/3 workers ready"), "the status is current when READY is sent");
        app.Signal(Linux.Terminate);
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("STOPPING=1"));
        await app.WaitForExitAsync();
        await app.UntilGoneAsync();
        systemd.Drain();
        Assert.That(systemd.Received[^1].Text, Is.EqualTo("STATUS=stopped"));
        Assert.That(systemd.Received.Select(m => m.ProcessId).Distinct(), Is.EqualTo(new[] { app.ProcessId }), "nothing from workers");
    }

    [Test]
    public async Task Master_sends_neither_ready_nor_reloading_before_the_host_has_started()
    {
        using var systemd = new NotifySocket();
        await using var app = Start(systemd, "--NeighbourGate", "open");
        systemd.ReceiveStatus("3/3 workers ready");
        app.Signal(Linux.Hangup);
        await app.WaitForAsync(2, "reloaded", "heavy");
        await app.WaitForReadyAsync("light", 0, incarnation: 2);
        systemd.Drain();
        Assert.That(systemd.Received.Where(m => m.Text == "READY=1" || IsReload(m.Text)), Is.Empty);
        File.WriteAllText(Path.Combine(app.Directory, "open"), "");
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("READY=1"));
        await app.StopAsync();
    }

    [Test]
    public async Task Program_stopped_before_the_host_has_started_never_sends_ready()
    {
        using var systemd = new NotifySocket();
        await using var app = Start(systemd, "--NeighbourGate", "open");
        systemd.ReceiveStatus("3/3 workers ready");
        app.Signal(Linux.Terminate);
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("STOPPING=1"));
        await app.WaitForExitAsync();
        systemd.Drain();
        Assert.That(systemd.Received.Count(m => m.Text == "READY=1"), Is.Zero);
    }

    /// <summary>The lifetime of AddSystemd is active only under a parent process named systemd with a notify socket.</summary>
    [TestCase("first", null)]
    [TestCase("last", null, Category = "Long")]
    [TestCase("first", "systemd", Category = "Long")]
    [TestCase("last", "systemd")]
    public async Task AddSystemd_and_AddWindowsService_change_nothing_in_any_order(string place, string? parent)
    {
        using var systemd = new NotifySocket();
        await using var app = StartUnder(parent, systemd, "--ServiceManagers", place, "--Script:light:Start", "delay:500");
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("READY=1"));
        AssertAllHaveStarted(app);
        var master = (await app.WaitForAsync("control")).ProcessId;
        Assert.That(
            app.Trace.First(t => t.Is("service-managers") && t.ProcessId == master).Detail.Contains("Systemd", StringComparison.Ordinal),
            Is.EqualTo(parent is not null),
            "whether the lifetime of AddSystemd runs the master");

        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        Linux.Send(master, Linux.Terminate);
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("STOPPING=1"));
        Assert.That(await app.WaitForExitAsync(), Is.Zero);
        await app.UntilGoneAsync();
        systemd.Drain();
        Assert.That(systemd.Received.Select(m => m.ProcessId).Distinct(), Is.EqualTo(new[] { master }));
        Assert.That(systemd.Received.Count(m => m.Text is "READY=1" or "STOPPING=1"), Is.EqualTo(2));
        Assert.That(app.Trace.Count(t => t.Is("end-worker")), Is.EqualTo(3), "all workers stopped gracefully");
    }

    [Test]
    public async Task Status_shows_back_off_give_up_and_stop()
    {
        using var systemd = new NotifySocket();
        await using var app = Start(
            systemd, "--Shaky", "1", "--Script:shaky:Run", "gate throw", "--Cotyledon:Services:shaky:MaxRestarts", "3",
            "--Cotyledon:Services:shaky:RestartBackoff", "00:00:01", "--Cotyledon:Services:shaky:StableAfter", "00:01:00");
        systemd.ReceiveStatus("4/4 workers ready");
        File.WriteAllText(Path.Combine(app.Directory, "gate"), "");
        systemd.ReceiveStatus("3/4 workers ready; shaky: 1 backing off");
        systemd.ReceiveStatus("3/4 workers ready; shaky: 1 given up");
        app.Command("reload");
        await app.WaitForAsync("result");
        systemd.ReceiveStatus("3/4 workers ready; shaky: 1 given up");
        await app.StopAsync();
        systemd.ReceiveStatus("stopped");
    }

    [Test]
    public async Task Status_names_the_service_that_was_given_up_and_stops_the_program()
    {
        using var systemd = new NotifySocket();
        await using var app = Start(
            systemd, "--Shaky", "1", "--Script:shaky:Run", "throw", "--Cotyledon:Services:shaky:MaxRestarts", "1",
            "--Cotyledon:Services:shaky:OnGiveUp", "StopHost", "--Script:Hooks:Terminate", "hang",
            "--Cotyledon:HookTimeout", "00:00:01");
        systemd.ReceiveStatus("gave up on shaky; stopping: . workers? still running");
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(3));
        systemd.ReceiveStatus("gave up on shaky; stopped with exit code 3");
    }

    [Test]
    public async Task Status_shows_a_rejected_configuration_until_it_is_valid()
    {
        using var systemd = new NotifySocket();
        await using var app = Start(systemd, Settings.Text("one"));
        systemd.ReceiveStatus("3/3 workers ready");
        var settings = new Settings(app.Directory);
        settings.Replace(Settings.Text("one", heavy: -1));
        systemd.ReceiveStatus("3/3 workers ready; configuration rejected: the last valid configuration is in use");
        settings.Replace(Settings.Text("one"));
        systemd.ReceiveStatus("3/3 workers ready");
        await app.StopAsync();
    }

    [Test]
    [Category("Aot")]
    public async Task Watchdog_beats_stop_while_the_master_is_paused_and_resume_after()
    {
        using var systemd = new NotifySocket();
        await using var app = TestProgram.Start(start => Watch(start, systemd));
        await app.WaitForAllReadyAsync();
        for (var i = 0; i < 5; i++)
        {
            systemd.ReceiveUntil(IsBeat);
        }

        app.Signal(Linux.Stop);
        systemd.ReceiveUntilSilent(2 * WatchdogTimeout);
        app.Signal(Linux.Continue);
        systemd.ReceiveUntil(IsBeat);
        await app.StopAsync();
        Assert.That(systemd.Received.Select(m => m.ProcessId).Distinct(), Is.EqualTo(new[] { app.ProcessId }));
    }

    [Test]
    public async Task Watchdog_beats_continue_with_a_hanging_worker_and_a_blocked_pool_in_the_master()
    {
        using var systemd = new NotifySocket();
        await using var app = TestProgram.Start(start => Watch(start, systemd));
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Stop);
        await app.WaitForAsync("control");
        app.Command("block-pool");
        await app.WaitForAsync("pool-blocked");
        systemd.Drain();
        for (var i = 0; i < 5; i++)
        {
            systemd.ReceiveUntil(IsBeat);
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Watchdog_variables_of_another_process_cause_no_beats(bool isProcess)
    {
        using var systemd = new NotifySocket();
        await using var app = TestProgram.Start(start =>
        {
            Watch(start, systemd);
            start.Environment["WATCHDOG_PID"] = isProcess ? $"{Environment.ProcessId}" : "none";
        });
        systemd.ReceiveStatus("3/3 workers ready");
        await app.UntilAsync(() => isProcess || app.Output.Contains("WATCHDOG_PID is 'none'", StringComparison.Ordinal), "a warning");
        await app.StopAsync();
        systemd.Drain();
        Assert.That(systemd.Received.Where(m => IsBeat(m.Text)), Is.Empty);
        Assert.That(app.Output, isProcess ? Does.Not.Contain("WATCHDOG") : Is.Not.Empty);
    }

    [Test]
    public async Task Sighup_during_a_restart_is_announced_at_once_and_its_end_after_the_reload()
    {
        using var systemd = new NotifySocket();
        await using var app = Start(systemd, "--Light", "-1", "--Heavy", "1", "--Script:heavy:Terminate", "delay:3000@1");
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("READY=1"));
        app.Command("restart heavy");
        await app.WaitForAsync("terminate", "heavy", 0, 1);
        app.Signal(Linux.Hangup);
        Assert.That(IsReload(systemd.ReceiveAnnouncement()));
        systemd.ReceiveUntil(IsExtension);
        Assert.That(app.Trace.Count(t => t.Is("hook-dead")), Is.Zero, "the old worker has not stopped yet");
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("READY=1"));
        Assert.That(app.Trace.Count(t => t.Is("reloaded", "heavy", 0, 2)), Is.EqualTo(1));
        await app.StopAsync();
    }

    [Test]
    [Category("Long")]
    public async Task Stop_without_a_time_limit_extends_the_systemd_timeout_repeatedly()
    {
        using var systemd = new NotifySocket();
        await using var app = Start(
            systemd, "--Light", "-1", "--Heavy", "1", "--Script:heavy:Terminate", "wait", "--Cotyledon:GracefulShutdownTimeout", "infinite");
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("READY=1"));
        app.Signal(Linux.Terminate);
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("STOPPING=1"));
        for (var i = 0; i < 2; i++)
        {
            Assert.That(systemd.ReceiveUntil(IsExtension), Is.EqualTo("EXTEND_TIMEOUT_USEC=30000000"));
        }

        Assert.That(app.Processes(), Has.Count.EqualTo(2), "the stop has not ended");
    }

    [Test]
    public async Task Stop_extends_the_systemd_timeout_by_its_own_maximum_only()
    {
        using var systemd = new NotifySocket();
        await using var app = Start(
            systemd, "--Script:heavy:Terminate", "hang", "--Cotyledon:GracefulShutdownTimeout", "00:00:01",
            "--Cotyledon:HookTimeout", "00:00:02");
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("READY=1"));
        app.Signal(Linux.Terminate);
        systemd.ReceiveUntil(text => text == "STOPPING=1");
        var time = int.Parse(systemd.ReceiveUntil(IsExtension).Split('=')[1], CultureInfo.InvariantCulture);
        Assert.That(time, Is.EqualTo(18_500_000), "hooks 2 s, workers 1 s and 0.5 s, reaping 5 s, the rest of the host 10 s");
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(1));
        systemd.ReceiveStatus("stopped with exit code 1");
    }

    /// <summary>
    /// Asserts that all workers had started, also the light one, whose start takes half a second. It uses the clock because events are
    /// traced later.
    /// </summary>
    private static void AssertAllHaveStarted(TestProgram app)
    {
        var now = Stopwatch.GetElapsedTime(0);
        Assert.That(app.Trace.Count(t => t.Is("init", "heavy")), Is.EqualTo(2));
        Assert.That(now - app.Trace.Single(t => t.Is("start", "light")).Time, Is.GreaterThan(TimeSpan.FromSeconds(0.49)));
    }

    private static bool IsBeat(string text) => text == "WATCHDOG=1";

    private static bool IsReload(string text) => text.StartsWith("RELOADING", StringComparison.Ordinal);

    private static bool IsExtension(string text) => text.StartsWith("EXTEND_TIMEOUT_USEC=", StringComparison.Ordinal);

    private static TestProgram Start(NotifySocket systemd, params string[] arguments) =>
        TestProgram.Start(start => start.Environment["NOTIFY_SOCKET"] = systemd.Address, arguments);

    private static TestProgram Start(NotifySocket systemd, string settings) => TestProgram.Start(start =>
    {
        start.Environment["NOTIFY_SOCKET"] = systemd.Address;
        File.WriteAllText(new Settings(start.WorkingDirectory).File, settings);
    });

    /// <summary>Starts the program under a parent process of this name, or directly if there is none.</summary>
    private static TestProgram StartUnder(string? parent, NotifySocket systemd, params string[] arguments)
    {
        if (parent is null)
        {
            return Start(systemd, arguments);
        }

        // The process name of a script is its file name, and AddSystemd checks only the name.
        string file = "";
        return TestProgram.StartAs(
            "/bin/sh",
            start =>
            {
                start.Environment["NOTIFY_SOCKET"] = systemd.Address;
                file = Path.Combine(start.WorkingDirectory, parent);
                File.WriteAllText(file, "#!/bin/sh\n\"$@\" &\nwait $!\n");
                Linux.MakeExecutable(file, true);
            },
            ["-c", "exec ./\"$0\" \"$@\"", parent, TestProgram.Executable, .. arguments]);
    }

    private static void Watch(ProcessStartInfo start, NotifySocket systemd)
    {
        start.Environment["NOTIFY_SOCKET"] = systemd.Address;
        start.Environment["WATCHDOG_USEC"] = WatchdogTimeout.TotalMicroseconds.ToString(CultureInfo.InvariantCulture);
    }
}
