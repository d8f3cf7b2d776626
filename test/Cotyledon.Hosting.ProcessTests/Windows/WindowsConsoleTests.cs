namespace Cotyledon.Hosting.ProcessTests.Windows;

/// <summary>A program in a console.</summary>
[Category("Windows")]
public class WindowsConsoleTests
{
    [Test]
    public async Task Ctrl_c_causes_one_graceful_stop()
    {
        await using var app = Wine.StartInTerminal();
        await app.WaitForAllReadyAsync();
        app.Command("\x03");
        Assert.That(await app.WaitForExitAsync(), Is.Zero, app.Describe);
        await app.UntilGoneAsync();
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2));
        Assert.That(app.Trace.Count(t => t.Is("main-worker")), Is.EqualTo(3), "no worker was restarted");
        Assert.That(app.Trace.Count(t => t.Is("hook-terminate")), Is.EqualTo(1), app.Describe);
    }

    // Wine does not raise these events itself, so the program calls the function of the system that Windows would call.
    [TestCase(2, TestName = "Closed_console_causes_one_graceful_stop")]
    [TestCase(6, TestName = "Shutdown_of_the_system_causes_one_graceful_stop")]
    public async Task Console_event_causes_one_graceful_stop(int consoleEvent)
    {
        await using var app = Wine.Start();
        await app.WaitForAllReadyAsync();
        app.Command($"console-event {consoleEvent}");
        Assert.That(await app.WaitForExitAsync(), Is.Zero, app.Describe);
        await app.UntilGoneAsync();
        Assert.That(app.Trace.Count(t => t.Is("terminated", "heavy")), Is.EqualTo(2));
        Assert.That(app.Trace.Count(t => t.Is("hook-terminate")), Is.EqualTo(1), app.Describe);
    }

    [Test]
    public async Task Second_ctrl_c_ends_all_processes_immediately_with_exit_code_1()
    {
        await using var app = Wine.StartInTerminal("--Script:heavy:Terminate", "hang", "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        app.Command("\x03");
        await app.WaitForAsync(2, "terminate", "heavy");
        app.Command("\x03");
        Assert.That(await app.WaitForExitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo(1), app.Describe); // The graceful timeout is a minute.
        await app.UntilGoneAsync();
    }
}
