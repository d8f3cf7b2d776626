namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>Workers of a killed master, and processes of a killed worker.</summary>
[Category("Windows")]
public class WindowsOrphanTests
{
    private static readonly TimeSpan Graceful = TimeSpan.FromSeconds(2);
    private static readonly string[] WithGraceful = ["--Cotyledon:GracefulShutdownTimeout", Graceful.ToString()];

    // The second of the guarantee, and five for a machine under load.
    private static readonly TimeSpan Allowed = Graceful + TimeSpan.FromSeconds(6);

    [Test]
    public async Task Workers_of_a_killed_master_stop_gracefully()
    {
        await using var app = Wine.Start(WithGraceful);
        await app.WaitForAllReadyAsync();
        app.Signal(Linux.Kill);
        await app.UntilGoneAsync(Allowed);
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2));
        Assert.That(app.Trace.Count(t => t.Is("stop", "light")), Is.EqualTo(1));
        Assert.That(app.Trace.Count(t => t.Is("end-worker")), Is.EqualTo(3));
    }

    [Test]
    public async Task Spare_of_a_killed_master_exits()
    {
        await using var app = Wine.Start([.. WithGraceful, "--Heavy", "1", "--Cotyledon:SpareWorkers", "1"]);
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("light", 0);
        await app.WaitForAsync(4, "neighbour-start", "observer"); // In the master, two workers and the spare.
        app.Signal(Linux.Kill);
        await app.UntilGoneAsync(Allowed);
    }

    [Test]
    public async Task Workers_that_still_load_exit_when_the_master_is_killed()
    {
        await using var app = Wine.Start([.. WithGraceful, "--WorkerHostDelay", "60000"]);
        await app.WaitForAsync(3, "main-worker");
        app.Signal(Linux.Kill);
        await app.UntilGoneAsync(Allowed);
    }

    [TestCase("Started")]
    [TestCase("Assigned")]
    public async Task Master_killed_while_workers_start_leaves_no_process(string kind)
    {
        // Killed when no process is being created. Windows creates a process in one step, but Wine does not: if its creator is killed meanwhile, a
        // process of Linux stays that never becomes a process of Windows, and Wine's server keeps its output open.
        await using var app = Wine.Start([.. WithGraceful, "--Heavy", "2", "--Light", "-1"]);
        await app.UntilAsync(() => app.Trace.Count(t => t.IsEvent("Started")) >= 2 && app.Trace.Any(t => t.IsEvent(kind)), kind);
        app.Signal(Linux.Kill);
        await app.UntilNoProcessAsync(Allowed);
    }

    [Test]
    public async Task Worker_that_hangs_with_a_blocked_thread_pool_exits_when_the_master_is_killed()
    {
        await using var app = Wine.Start(
            [.. WithGraceful, "--Script:heavy:Run", "blockpool hang", "--Script:heavy:Terminate", "hang"]);
        await app.WaitForAsync(2, "run", "heavy");
        await app.WaitForReadyAsync("light", 0);
        app.Signal(Linux.Kill);
        await app.UntilGoneAsync(Allowed);
    }

    [Test]
    public async Task Worker_that_hangs_with_a_blocked_thread_pool_exits_at_its_graceful_timeout()
    {
        await using var app = Wine.Start(
            [.. WithGraceful, "--Light", "-1", "--Heavy", "1", "--Script:heavy:Run", "gate blockpool hang", "--Script:heavy:Terminate", "hang"]);
        await app.WaitForReadyAsync("heavy", 0);
        app.OpenGate();
        await app.UntilAsync(() => app.Trace.Any(t => t.Is("act", "heavy") && t.Detail == "hang"), "the blocked thread pool");
        await app.ShutDownAsync(exitCode: 1);
        Assert.That(app.Trace.Single(t => t.Is("hook-dead")).Detail, Does.StartWith("StopTimeout code=1 "));
    }

    /// <summary>The service of a replacement starts without the thread pool of the master.</summary>
    [Test]
    public async Task Master_with_a_blocked_thread_pool_replaces_workers()
    {
        await using var app = Wine.Start("--Light", "-1");
        await app.WaitForReadyAsync("heavy", 1);
        var worker = await app.WaitForReadyAsync("heavy", 0);
        app.Command("block-pool");
        await app.WaitForAsync("pool-blocked");
        app.Kill(worker);
        await app.WaitForAsync("run", "heavy", 0, incarnation: 2);
        app.Signal(Linux.Kill);
        await app.UntilGoneAsync(TimeSpan.FromSeconds(20));
    }

    [Test]
    public async Task Grandchildren_end_with_their_worker()
    {
        await using var app = Wine.Start([.. WithGraceful, "--Light", "-1", "--Script:heavy:Run", "grandchild wait"]);
        await app.WaitForAsync(2, "sleeping");
        var first = await app.WaitForAsync("grandchild", "heavy", 0, 1);
        app.Kill(first.ProcessId);
        await app.WaitForAsync("grandchild", "heavy", 0, 2);
        await app.WaitForAsync(3, "sleeping");
        Assert.That(app.ProcessOf(int.Parse(first.Detail, System.Globalization.CultureInfo.InvariantCulture)), Is.Zero, "the job has ended it");
        Assert.That(app.Processes(), Has.Count.GreaterThanOrEqualTo(5));

        app.Signal(Linux.Kill);
        await app.UntilGoneAsync(Allowed);
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2), "the workers have stopped gracefully");
    }
}
