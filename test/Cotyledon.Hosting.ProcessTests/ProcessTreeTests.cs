using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Processes that a worker has started are killed with it.</summary>
public class ProcessTreeTests
{
    private static readonly string[] Parent = ["--Heavy", "1", "--Light", "-1", "--Script:heavy:Run", "grandchild wait"];

    [Test, Category("Aot")]
    public async Task Grandchild_that_ignores_signals_is_killed_with_a_killed_worker()
    {
        await using var app = TestProgram.Start(Parent);
        var grandchild = await GrandchildAsync(app, 1);
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);

        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.UntilAsync(() => !Linux.IsAlive(grandchild), "the grandchild is gone");
        Assert.That((await app.WaitForAsync("hook-dead", "heavy", 0, 1)).Detail, Does.StartWith("Signaled code= signal=9"));
        await app.StopAsync();
    }

    [Test]
    public async Task Grandchild_is_killed_when_its_worker_stops()
    {
        await using var app = TestProgram.Start(Parent);
        var grandchild = await GrandchildAsync(app, 1);

        await app.StopAsync();
        await app.UntilAsync(() => !Linux.IsAlive(grandchild), "the grandchild is gone");
    }

    [Test]
    public async Task Grandchild_is_killed_when_its_worker_fails_or_hangs()
    {
        await using var app = TestProgram.Start(
            "--Heavy", "1", "--Light", "-1", "--Script:heavy:Run", "grandchild throw@1 wait", "--Script:heavy:Terminate", "hang",
            "--Cotyledon:GracefulShutdownTimeout", "00:00:01");
        var (first, second) = (await GrandchildAsync(app, 1), await GrandchildAsync(app, 2));
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.UntilAsync(() => !Linux.IsAlive(first), "the grandchild of the failed worker is gone");

        await app.StopAsync(exitCode: 1);
        await app.UntilAsync(() => !Linux.IsAlive(second), "the grandchild of the hanging worker is gone");
    }

    [TestCase("")]
    [TestCase("hang")]
    public async Task Worker_kills_its_grandchild_when_the_master_is_killed(string terminate)
    {
        await using var app = TestProgram.Start(
            [.. Parent, "--Script:heavy:Terminate", terminate, "--Cotyledon:GracefulShutdownTimeout", "00:00:01"]);
        await GrandchildAsync(app, 1);
        await app.WaitForReadyAsync("heavy", 0);
        app.Signal(Linux.Kill);

        // The graceful timeout, the second of the guarantee, and eight for a machine under load.
        await app.UntilGoneAsync(TimeSpan.FromSeconds(10));
    }

    [Test]
    public async Task Every_worker_has_a_process_group_of_its_own()
    {
        await using var app = TestProgram.Start();
        await app.WaitForAllReadyAsync();

        foreach (var worker in Linux.ChildrenOf(app.ProcessId))
        {
            Assert.That(Linux.ProcessGroupOf(worker), Is.EqualTo(worker));
        }

        await app.StopAsync();
    }

    private static async Task<int> GrandchildAsync(TestProgram app, int incarnation) => int.Parse(
        (await app.WaitForAsync("grandchild", "heavy", 0, incarnation)).Detail, CultureInfo.InvariantCulture);
}
