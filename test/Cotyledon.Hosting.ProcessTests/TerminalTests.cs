namespace Cotyledon.Hosting.ProcessTests;

/// <summary>A program that is started in a terminal, which script(1) creates.</summary>
public class TerminalTests
{
    [Test, Category("Guarantee 3")]
    public async Task Typed_ctrl_c_causes_one_graceful_stop()
    {
        await using var app = StartInTerminal("");
        await app.WaitForAllReadyAsync();
        app.Command("\x03");

        Assert.That(await app.WaitForExitAsync(), Is.Zero, app.Describe);
        await app.UntilGoneAsync();
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2));
        Assert.That(app.Trace.Count(t => t.Is("main-worker")), Is.EqualTo(3), "no worker was restarted");
        Assert.That(app.Trace.Count(t => t.Is("hook-terminate")), Is.EqualTo(1), app.Describe);
    }

    /// <summary>Workers are background processes of the terminal.</summary>
    [Test]
    public async Task Worker_can_write_to_a_terminal_with_tostop()
    {
        await using var app = StartInTerminal("stty tostop;", "--Heavy", "1", "--Script:heavy:Run", "print:1");
        await app.WaitForAsync("ran", "heavy");

        app.Command("\x03");
        Assert.That(await app.WaitForExitAsync(), Is.Zero, app.Describe);
        await app.UntilGoneAsync();
    }

    [Test]
    public async Task Worker_whose_child_reads_the_terminal_is_not_paused()
    {
        await using var app = StartInTerminal("", "--Heavy", "1", "--Script:heavy:Run", "ask wait");
        var asked = await app.WaitForAsync("asked", "heavy");
        Assert.That(asked.Detail, Is.Not.EqualTo("0"), "the child gets an error when it reads");
        Assert.That(Linux.StateOf(asked.ProcessId), Is.Not.EqualTo("T"));

        app.Command("\x03");
        Assert.That(await app.WaitForExitAsync(), Is.Zero, app.Describe);
        Assert.That(app.Trace.Where(t => t.Is("hook-dead", "heavy")).Select(t => t.Detail), Is.All.StartsWith("Stopped code=0"));
    }

    /// <summary>As when a window is closed or an SSH connection is lost: script(1) holds the other end of the terminal.</summary>
    [Test]
    public async Task Closed_terminal_causes_a_graceful_stop_and_no_reload()
    {
        await using var app = StartInTerminal("");
        await app.WaitForAllReadyAsync();
        app.Signal(Linux.Kill);

        await app.WaitForAsync(2, "terminated", "heavy");
        await app.UntilGoneAsync(TimeSpan.FromSeconds(30));
        Assert.That(app.Trace.Count(t => t.Is("hook-terminate")), Is.EqualTo(1), app.Describe);
        Assert.That(app.Trace.Count(t => t.Is("hook-reload")), Is.Zero);
        Assert.That(app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail), Is.All.StartsWith("Stopped code=0"));
    }

    /// <summary>Ctrl+Z and fg: the terminal signals the process group of the master only.</summary>
    [Test]
    public async Task Terminal_stop_pauses_and_continues_all_processes()
    {
        await using var app = TestProgram.Start();
        await app.WaitForAllReadyAsync();
        var all = Linux.ChildrenOf(app.ProcessId).Append(app.ProcessId).ToList();
        app.Signal(Linux.TerminalStop);
        await app.UntilAsync(() => all.TrueForAll(p => Linux.StateOf(p) == "T"), "all processes to be paused");
        app.Signal(Linux.Continue);
        await app.UntilAsync(() => all.TrueForAll(p => Linux.StateOf(p) != "T"), "all processes to continue");
        app.Command("status");
        Assert.That((await app.WaitForAsync("status", "heavy")).Detail, Is.EqualTo("2/2 0=Ready 1=Ready"));
        await app.StopAsync();
        Assert.That(app.Trace.Where(t => t.Is("hook-dead")).Select(t => t.Detail), Is.All.StartsWith("Stopped code=0 "));
    }

    [Test]
    public async Task Manually_paused_worker_is_not_continued_with_the_master()
    {
        await using var app = TestProgram.Start("--Heavy", "1", "--Light", "-1");
        var worker = await app.WaitForReadyAsync("heavy", 0);
        Linux.Send(worker, Linux.Stop);
        app.Signal(Linux.Stop);
        await app.UntilAsync(() => Linux.StateOf(app.ProcessId) == "T", "the master to be paused");
        app.Signal(Linux.Continue);
        app.Command("status");
        await app.WaitForAsync("status", "heavy");
        Assert.That(Linux.StateOf(worker), Is.EqualTo("T"));
        Linux.Send(worker, Linux.Continue);
        await app.StopAsync();
    }

    private static TestProgram StartInTerminal(string first, params string[] arguments) => TestProgram.StartAs(
        "/usr/bin/script",
        _ => { },
        "--quiet", "--return", "--command", $"{first} exec {TestProgram.Executable} {string.Join(' ', arguments.Select(a => $"'{a}'"))}",
        "/dev/null");
}
