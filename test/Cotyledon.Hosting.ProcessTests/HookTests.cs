using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Hooks that throw or hang are logged, and delay nothing beyond their timeout.</summary>
public class HookTests
{
    private static readonly string[] ShortTimeout = ["--Cotyledon:HookTimeout", "00:00:01"];

    [TestCase("throw")]
    [TestCase("hang")]
    public async Task Failing_terminate_hook_prevents_neither_other_hooks_nor_the_stop(string action)
    {
        await using var app = TestProgram.Start([.. ShortTimeout, "--Light", "-1", "--Script:Hooks:Terminate", action]);
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        var watch = Stopwatch.StartNew();
        await app.StopAsync();
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)), "the default timeout of hooks is ten seconds");
        Assert.That(app.Trace.Count(t => t.Is("other-hook-terminate")), Is.EqualTo(1));
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2));
        Assert.That(app.Output, Does.Contain($"Hooks.OnTerminateAsync {(action == "throw" ? "failed" : "did not complete within")}"));
    }

    [Test]
    public async Task Reload_hook_that_waits_for_blocked_workers_delays_the_reload_until_its_timeout()
    {
        await using var app = TestProgram.Start(
            [.. ShortTimeout, "--Light", "-1", "--Script:Hooks:Reload", "resize", "--Script:heavy:Constructor", "gate"]);
        var gate = Path.Combine(app.Directory, "gate");
        File.WriteAllText(gate, "");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        File.Delete(gate);
        app.Command("reload");
        var hook = await app.WaitForAsync("hook-reload");
        await app.WaitForAsync("init", "heavy", 2);
        var reload = (await app.WaitForAsync(2, "reload", "heavy"))[0];

        // The timeout of one second begins before the hook.
        Assert.That(reload.Time - hook.Time, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(0.5)), app.Describe);
        await app.UntilAsync(() => app.Output.Contains("Hooks.OnReloadAsync did not complete within"), "the warning");
        File.WriteAllText(gate, "");
        await app.StopAsync();
    }

    [TestCase("throw")]
    [TestCase("hang")]
    public async Task Failing_new_worker_hook_does_not_stop_the_worker(string action)
    {
        await using var app = TestProgram.Start([.. ShortTimeout, "--Heavy", "1", "--Light", "-1", "--Script:Hooks:NewWorker", action]);
        await app.WaitForReadyAsync("heavy", 0);
        Assert.That(app.Trace.Count(t => t.Is("hook-dead")), Is.Zero);
        await app.StopAsync();
    }

    [TestCase("throw")]
    [TestCase("hang")]
    public async Task Failing_dead_worker_hook_does_not_prevent_the_replacement(string action)
    {
        await using var app = TestProgram.Start([.. ShortTimeout, "--Heavy", "1", "--Light", "-1", "--Script:Hooks:DeadWorker", action]);
        await app.WaitForReadyAsync("heavy", 0);
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.StopAsync();
    }

    [Test]
    public async Task Replacement_waits_for_the_replacement_hooks([Values("Processes", "InProcess")] string mode)
    {
        await using var app = TestProgram.Start(
            "--ReplacementHooks", "true", "--Light", "-1", "--Cotyledon:Mode", mode, "--Cotyledon:SpareWorkers", "1",
            "--Script:heavy:Run", "gate throw@1 wait");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        File.WriteAllText(Path.Combine(app.Directory, "gate"), "");
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.WaitForReadyAsync("heavy", 1, incarnation: 2);
        for (var id = 0; id < 2; id++)
        {
            var ended = await app.WaitForAsync("hook-before-ended", "heavy", id, 1);
            Assert.That((await app.WaitForAsync("init", "heavy", id, 2)).Time, Is.GreaterThan(ended.Time), app.Describe);
        }

        await app.StopAsync();
        Assert.That(
            app.Trace.Where(t => t.Is("hook-before") || t.Is("hook-before-ended")).Select(t => t.What),
            Is.EqualTo(new[] { "hook-before", "hook-before-ended", "hook-before", "hook-before-ended" }),
            "one exit after the other");
    }

    [TestCase("throw")]
    [TestCase("hang")]
    public async Task Failing_replacement_hook_delays_the_replacement_at_most_by_its_timeout(string action)
    {
        await using var app = TestProgram.Start(
            [.. ShortTimeout, "--Light", "-1", "--ReplacementHooks", "true", "--Script:Hooks:Replacement", action]);
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        Linux.Send(await app.WaitForReadyAsync("heavy", 1), Linux.Kill);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.WaitForReadyAsync("heavy", 1, incarnation: 2);
        await app.StopAsync();
        Assert.That(
            app.Output, Does.Contain($"ReplacementHooks.OnBeforeReplacementAsync {(action == "throw" ? "failed" : "did not complete within")}"));
    }

    [Test]
    public async Task Replacement_hook_that_requests_a_shutdown_prevents_the_replacement()
    {
        await using var app = TestProgram.Start(
            "--Heavy", "1", "--Light", "-1", "--ReplacementHooks", "true", "--Script:Hooks:Replacement", "shutdown");
        await app.WaitForReadyAsync("heavy", 0);
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        Assert.That(await app.WaitForExitAsync(), Is.EqualTo(5));
        Assert.That(app.Trace.Count(t => t.Is("event", "heavy", 0) && t.Detail.StartsWith("Started", StringComparison.Ordinal)), Is.EqualTo(1));
    }
}
