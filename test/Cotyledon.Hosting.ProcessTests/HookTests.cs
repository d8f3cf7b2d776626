using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Scenario 17: hooks that throw or hang are logged, and hold up nobody beyond their timeout.</summary>
public class HookTests
{
    private static readonly string[] ShortTimeout = ["--Cotyledon:HookTimeout", "00:00:01"];

    [TestCase("throw")]
    [TestCase("hang")]
    public async Task A_terminate_hook_that_fails_does_not_keep_others_nor_the_stop(string action)
    {
        await using var app = TestProgram.Start([.. ShortTimeout, "--Script:Hooks:Terminate", action]);
        await app.WaitForAllReadyAsync();
        var watch = Stopwatch.StartNew();
        await app.StopAsync();
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
        Assert.That(app.Trace.Count(t => t.Is("other-hook-terminate")), Is.EqualTo(1));
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2));
        Assert.That(app.Output, Does.Contain($"Hooks.OnTerminateAsync {(action == "throw" ? "failed" : "did not end within")}"));
    }

    [TestCase("throw")]
    [TestCase("hang")]
    public async Task A_hook_for_new_workers_that_fails_does_not_keep_the_worker(string action)
    {
        await using var app = TestProgram.Start([.. ShortTimeout, "--Script:Hooks:NewWorker", action]);
        await app.WaitForAllReadyAsync();
        Assert.That(app.Trace.Count(t => t.Is("hook-dead")), Is.Zero);
        await app.StopAsync();
    }

    [TestCase("throw")]
    [TestCase("hang")]
    public async Task A_hook_for_dead_workers_that_fails_does_not_keep_the_next_worker(string action)
    {
        await using var app = TestProgram.Start([.. ShortTimeout, "--Script:Hooks:DeadWorker", action]);
        await app.WaitForAllReadyAsync();
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
    }
}
