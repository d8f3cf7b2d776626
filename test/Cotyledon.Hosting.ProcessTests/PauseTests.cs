namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Time in which a process was paused counts against no deadline.</summary>
public class PauseTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(6);

    [Test]
    [Category("Long")]
    public async Task Worker_that_exited_while_the_master_was_paused_is_not_recorded_as_killed()
    {
        await using var app = TestProgram.Start("--Light", "-1", "--Cotyledon:GracefulShutdownTimeout", "00:00:02");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        app.Signal(Linux.Terminate);
        await app.WaitForAsync("hook-terminate");
        app.Signal(Linux.Stop);
        await Task.Delay(Pause);
        app.Signal(Linux.Continue);
        Assert.That(await app.WaitForExitAsync(), Is.Zero);
        Assert.That(app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail), Is.All.StartsWith("Stopped code=0"));
    }

    [TestCase("Processes")]
    [TestCase("InProcess", Category = "Long")]
    public async Task Freeze_during_the_stop_does_not_count_against_the_graceful_timeout(string mode)
    {
        await using var app = TestProgram.Start(
            "--Light", "-1", "--Script:heavy:Terminate", "delay:1500", "--Cotyledon:GracefulShutdownTimeout", "00:00:03",
            "--Cotyledon:Mode", mode);
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        app.Signal(Linux.Terminate);
        await app.WaitForAsync(2, "terminate");
        await FreezeAsync(app);
        Assert.That(await app.WaitForExitAsync(), Is.Zero);
        Assert.That(app.Trace.Count(t => t.Is("terminated")), Is.EqualTo(2));
        Assert.That(app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail), Is.All.StartsWith("Stopped code=0"));
    }

    [Test]
    public async Task Freeze_during_the_start_does_not_count_against_the_ready_timeout()
    {
        await using var app = TestProgram.Start(
            "--Heavy", "1", "--Light", "-1", "--Script:heavy:Constructor", "delay:1000@1", "--Cotyledon:Services:heavy:ReadyTimeout", "00:00:05");
        await app.WaitForAsync("init", "heavy");
        await FreezeAsync(app);
        await app.WaitForReadyAsync("heavy", 0);
        await app.StopAsync();
    }

    private static async Task FreezeAsync(TestProgram app)
    {
        var processes = app.Processes().Append(app.ProcessId).Distinct().ToList();
        processes.ForEach(p => Linux.Send(p, Linux.Stop));
        await Task.Delay(Pause);
        processes.ForEach(p => Linux.Send(p, Linux.Continue));
    }
}
