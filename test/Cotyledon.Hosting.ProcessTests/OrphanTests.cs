using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Workers of a killed master, and workers that do not respond.</summary>
public class OrphanTests
{
    private static readonly TimeSpan Graceful = TimeSpan.FromSeconds(2);
    private static readonly string[] WithGraceful = ["--Cotyledon:GracefulShutdownTimeout", Graceful.ToString()];

    // The second of the guarantee, and five for a machine under load.
    private static readonly TimeSpan Allowed = Graceful + TimeSpan.FromSeconds(6);

    [Test]
    [Category("Aot"), Category("Guarantee 4")]
    public async Task Workers_of_a_killed_master_terminate_gracefully()
    {
        await using var app = TestProgram.Start(WithGraceful);
        await app.WaitForAllReadyAsync();
        app.Signal(Linux.Kill);
        await app.UntilGoneAsync(Allowed);
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2));
        Assert.That(app.Trace.Count(t => t.Is("stop", "light")), Is.EqualTo(1));
        foreach (var worker in (string[])["heavy(0)", "heavy(1)", "light(0)"])
        {
            Assert.That(app.Output.Split('\n').Count(line => line.Contains(worker) && line.Contains("the connection to the master has ended")), Is.EqualTo(1), app.Output);
        }
    }

    [Test]
    [Category("Guarantee 4")]
    public async Task Workers_that_still_load_exit_when_the_master_is_killed()
    {
        await using var app = TestProgram.Start([.. WithGraceful, "--WorkerHostDelay", "60000"]);
        await app.WaitForAsync(3, "main-worker");
        app.Signal(Linux.Kill);
        await app.UntilGoneAsync(Allowed);
    }

    [TestCase(0)]
    [TestCase(50, Category = "Long")]
    [TestCase(100)]
    [TestCase(150, Category = "Long")]
    [TestCase(250)]
    [Category("Guarantee 4")]
    public async Task Master_killed_while_it_starts_leaves_no_process(int delay)
    {
        await using var app = TestProgram.Start(WithGraceful);
        await app.WaitForAsync("main-master");
        await Task.Delay(delay);
        app.Signal(Linux.Kill);
        await app.UntilGoneAsync(Allowed);
    }

    [Test]
    [Category("Guarantee 4")]
    public async Task Worker_that_hangs_in_terminate_with_a_blocked_thread_pool_exits_when_the_master_is_killed()
    {
        await using var app = TestProgram.Start(
            [.. WithGraceful, "--Script:heavy:Run", "blockpool hang", "--Script:heavy:Terminate", "hang"]);
        await app.WaitForAsync(2, "run", "heavy");
        await app.WaitForReadyAsync("light", 0);
        app.Signal(Linux.Kill);
        await app.UntilGoneAsync(Allowed);
    }

    [Test]
    public async Task Paused_worker_is_killed_at_the_graceful_timeout()
    {
        await using var app = TestProgram.Start(WithGraceful);
        await app.WaitForAllReadyAsync();
        Linux.Send(await app.WaitForReadyAsync("heavy", 1), Linux.Stop);
        var watch = Stopwatch.StartNew();
        app.Signal(Linux.Terminate);
        Assert.That(await app.WaitForExitAsync(Allowed), Is.EqualTo(1), app.Describe);
        Assert.That(watch.Elapsed, Is.GreaterThanOrEqualTo(Graceful));
        await app.UntilGoneAsync();
        await app.UntilAsync(
            () => app.Trace.Any(t => t.Is("hook-dead", "heavy", 1) && t.Detail.StartsWith("StopTimeout", StringComparison.Ordinal)),
            "the exit reason");
    }

    [Test]
    public async Task Environment_of_a_worker_contains_the_channel_variable()
    {
        await using var app = TestProgram.Start();
        await app.WaitForAllReadyAsync();
        var worker = await app.WaitForReadyAsync("heavy", 0);
        Assert.That(Linux.EnvironmentOf(worker), Does.ContainKey("COTYLEDON_CHANNEL"), "/proc shows the environment of the start");
        await app.StopAsync();
    }
}
