namespace Cotyledon.Hosting.ProcessTests;

/// <summary><c>Mode: InProcess</c>: the same program with the same script, without worker processes.</summary>
public class InProcessTests
{
    private static readonly string[] Script =
    [
        "--Script:heavy:Run", "gate throw@1 wait", "--Script:shaky:Terminate", "leave:42", "--Shaky", "1",
        "--Cotyledon:Services:heavy:StableAfter", "00:00:00",
    ];

    [Test]
    [Category("Aot")]
    public async Task Same_script_produces_the_same_trace_in_process_and_in_processes()
    {
        var inProcesses = await PlayAsync("Processes");
        var inProcess = await PlayAsync("InProcess");

        Assert.That(inProcess.Processes, Is.EqualTo(1));
        Assert.That(inProcesses.Processes, Is.EqualTo(5));
        Assert.That(inProcess.Trace, Is.EqualTo(inProcesses.Trace));
    }

    [TestCase("Auto", true)]
    [TestCase("Processes", false)]
    public async Task Under_dotnet_watch_workers_run_in_process_unless_the_configuration_says_otherwise(string mode, bool inProcess)
    {
        await using var app = TestProgram.Start(
            start => start.Environment["DOTNET_WATCH"] = "1", "--Cotyledon:Mode", mode, "--Heavy", "1", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.StopAsync();

        Assert.That(app.Output.Contains("each in its own scope, because the program is run by dotnet watch.", StringComparison.Ordinal), Is.EqualTo(inProcess));
        Assert.That(app.Output.Contains("which changes the code of the master only", StringComparison.Ordinal), Is.EqualTo(!inProcess));
    }

    [Test]
    public async Task Hanging_in_process_worker_delays_the_exit_by_its_graceful_timeout()
    {
        await using var app = TestProgram.Start(
            "--Cotyledon:Mode", "InProcess", "--Script:heavy:Terminate", "hang", "--Cotyledon:GracefulShutdownTimeout", "00:00:00.5");
        await app.WaitForAllReadyAsync();
        await app.StopAsync(exitCode: 1);

        Assert.That(app.Output, Does.Contain("it is abandoned"));
    }

    [Test]
    public async Task Second_sigint_ends_a_program_with_in_process_workers_immediately()
    {
        await using var app = TestProgram.Start("--Cotyledon:Mode", "InProcess", "--Script:heavy:Terminate", "hang");
        await app.WaitForAllReadyAsync();
        app.Signal(Linux.Interrupt);
        await app.WaitForAsync(2, "terminate", "heavy");
        app.Signal(Linux.Interrupt);

        // Far less than the graceful timeout of one minute.
        Assert.That(await app.WaitForExitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo(1));
    }

    [Test]
    public async Task Queue_serves_in_process_workers_even_if_they_crash()
    {
        await using var app = QueueTests.Start(
            consumers: 3, "--Cotyledon:Mode=InProcess", "--Cotyledon:Queues:work:MaxAttempts=3",
            "--Cotyledon:Services:consumer:RestartBackoff=00:00:00.01", "--Cotyledon:Services:consumer:MaxRestartBackoff=00:00:00.05");
        app.Command("enqueue-one throw");
        app.Command("enqueue 2000");
        await QueueTests.AllDoneAsync(app, 2000, dead: 1);

        // The item is dead before the hook has run for the worker that it crashed.
        await app.UntilAsync(() => Faulted() == 3, "three crashes");
        Assert.That(QueueTests.Done(app).Select(d => d.ProcessId), Is.All.EqualTo((await app.WaitForAsync("main-master")).ProcessId));
        await app.StopAsync();
        Assert.That(Faulted(), Is.EqualTo(3));

        int Faulted() => app.Trace.Count(t => t.Is("hook-dead", "consumer") && t.Detail.StartsWith("Faulted", StringComparison.Ordinal));
    }

    /// <summary>Start, crash and restart, reload in place and by replacement, resize, stop.</summary>
    private static async Task<(int Processes, IReadOnlyList<string> Trace)> PlayAsync(string mode)
    {
        await using var app = TestProgram.Start(["--Cotyledon:Mode", mode, .. Script]);

        // A process that fails immediately may exit before its hook has run.
        await app.WaitForAsync(2, "hook-new", "heavy", incarnation: 1);
        await File.WriteAllTextAsync(Path.Combine(app.Directory, "gate"), "");
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        await app.WaitForReadyAsync("heavy", 1, incarnation: 2);
        await app.WaitForReadyAsync("light", 0);
        await app.WaitForReadyAsync("shaky", 0);

        // The last script action of each run; it may come after the worker is ready.
        await app.WaitForAsync("act", "shaky", 0);
        await app.UntilAsync(
            () => app.Trace.Count(t => t.Is("act", "heavy", incarnation: 2) && t.Detail == "wait") == 2, "both workers wait");
        var processes = app.Processes().Count;
        app.Signal(Linux.Hangup);
        await app.WaitForReadyAsync("light", 0, incarnation: 2);
        await app.WaitForAsync(3, "reloaded");
        app.Command("resize heavy 1");
        await app.WaitForAsync("hook-dead", "heavy", 1, incarnation: 2);
        await app.StopAsync();
        return (processes, WorkerHistory(app.Trace));
    }

    /// <summary>The steps of each worker and of the master in order, and all exit records.</summary>
    private static List<string> WorkerHistory(IReadOnlyList<TraceLine> trace)
    {
        string[] steps = ["init", "start", "act", "hook-new", "reload", "reloaded", "terminate", "terminated", "stop"];
        var workers = trace
            .Where(t => steps.Contains(t.What) && t.Service != "-")
            .GroupBy(t => (t.Service, t.WorkerId, t.Incarnation))
            .OrderBy(g => g.Key)
            .Select(g => $"{g.Key}: {string.Join(", ", g.Where(t => t.What != "hook-new").Select(t => t.What))}, "
                + $"{g.Count(t => t.What == "hook-new")} new");
        string[] hooks = ["hook-reload", "hook-terminate", "main-master", "end-master", "neighbour-start"];
        var master = trace.Where(t => hooks.Contains(t.What) && t.Detail.Length == 0 && t.Service != "observer").Select(t => $"{t.What} {t.Service}");

        // It runs at the same time as the first hook, so its place in the order varies.
        var other = $"{trace.Count(t => t.Is("other-hook-terminate"))} x other-hook-terminate";
        var exits = trace
            .Where(t => t.Is("hook-dead"))
            .Select(t => $"{t.Service}({t.WorkerId}) #{t.Incarnation} {t.Detail.Split(" signal=")[0]}")
            .Order(StringComparer.Ordinal);
        return [.. workers, .. master, other, .. exits];
    }
}
