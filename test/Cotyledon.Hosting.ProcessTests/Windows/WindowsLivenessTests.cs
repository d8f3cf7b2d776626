using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>Workers that do not respond, and pauses.</summary>
[Category("Windows")]
public class WindowsLivenessTests
{
    private static readonly string[] Watched =
    [
        "--Light", "-1",
        "--Cotyledon:Services:heavy:LivenessTimeout", "00:00:02",
        "--Cotyledon:Services:heavy:GracefulShutdownTimeout", "00:00:02",
    ];

    [Test]
    public async Task Paused_worker_is_killed_and_replaced()
    {
        await using var app = Wine.Start(Watched);
        await app.WaitForReadyAsync("heavy", 0);
        app.Signal(await app.WaitForReadyAsync("heavy", 1), Linux.Stop);

        Assert.That((await app.WaitForAsync("hook-dead", "heavy", 1, 1)).Detail, Does.StartWith("LivenessTimeout "));
        await app.WaitForReadyAsync("heavy", 1, incarnation: 2);
        await app.ShutDownAsync();
        Assert.That(app.Trace.Count(t => t.Is("hook-dead", "heavy", 0)), Is.EqualTo(1), "the other worker was not replaced");
    }

    [Test]
    public async Task Worker_with_a_blocked_thread_pool_is_replaced()
    {
        await using var app = Wine.Start([.. Watched, "--Heavy", "1", "--Script:heavy:Run", "gate@1 blockpool@1 hang@1 wait"]);
        await app.WaitForReadyAsync("heavy", 0);
        app.OpenGate();
        Assert.That((await app.WaitForAsync("hook-dead", "heavy", 0, 1)).Detail, Does.StartWith("LivenessTimeout "));
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.ShutDownAsync();
    }

    [Test]
    public async Task Pause_of_the_master_does_not_trip_liveness()
    {
        await using var app = Wine.Start([.. Watched, "--Script:heavy:Run", "alive:1 wait"]);
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        app.Signal(Linux.Stop);
        var pause = Stopwatch.StartNew();
        await app.UntilAsync(() => pause.Elapsed > TimeSpan.FromSeconds(6), "three liveness timeouts");
        app.Signal(Linux.Continue);
        await app.UntilStatusAsync("heavy", status => status == "2/2 0=Ready 1=Ready");
        await app.ShutDownAsync();
        Assert.That(app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail), Has.Exactly(2).StartsWith("Stopped code=0 "));
    }
}
