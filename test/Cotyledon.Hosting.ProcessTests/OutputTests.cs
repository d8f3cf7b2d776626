using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The output of workers neither blocks a process for ever nor grows the memory of the master.</summary>
public class OutputTests
{
    private const long Megabyte = 1024 * 1024;

    // The relay keeps at most two megabytes; the rest is the program and garbage that is not collected yet.
    private const int AllowedKiB = 64 * 1024;

    [Test]
    [Category("Long"), Category("Guarantee 7")]
    public async Task Flood_on_both_outputs_is_relayed_completely_while_the_master_answers_with_bounded_memory()
    {
        await using var app = TestProgram.Start("--Heavy", "1", "--Script:heavy:Run", "flood");
        await app.WaitForReadyAsync("light", 0);
        await app.UntilAsync(() => app.StandardErrorLength > Megabyte, "output");
        Linux.Send(await app.WaitForReadyAsync("light", 0), Linux.Kill);
        var enough = Task.WhenAll(
            app.WaitForReadyAsync("light", 0, incarnation: 2),
            app.UntilAsync(() => app.StandardOutputLength >= 100 * Megabyte && app.StandardErrorLength >= 100 * Megabyte, "100 megabytes"));
        var (answers, most) = (0, 0);
        while (!enough.IsCompleted)
        {
            await app.UntilStatusAsync("heavy", status => status.StartsWith("1/1 0=", StringComparison.Ordinal));
            most = Math.Max(most, Linux.PrivateMemoryOf(app.ProcessId));
            answers++;
        }

        TestContext.Out.WriteLine($"{answers} answers during the flood; private memory {most} KiB at most");
        await enough;
        Assert.That(answers, Is.GreaterThan(1), "the flood was over too soon");
        Assert.That(most, Is.LessThan(AllowedKiB));
        app.OpenGate();
        var flood = int.Parse((await app.WaitForAsync("flooded", "heavy")).Detail, CultureInfo.InvariantCulture) * Megabyte;
        await app.UntilAsync(() => app.StandardOutputLength >= flood, "the complete standard output");
        await app.UntilAsync(() => app.StandardErrorLength >= flood, "the complete standard error");
        await app.UntilStatusAsync("heavy", status => status == "1/1 0=Idle");
        await app.StopAsync();
    }

    [Test]
    [Category("Guarantee 7")]
    public async Task Master_with_unread_output_supervises_and_stops()
    {
        // The shell keeps the FIFO open and reads nothing from it.
        await using var app = TestProgram.StartAs(
            "/bin/bash",
            _ => { },
            "-c",
            "mkfifo out; exec 9<>out; exec \"$0\" \"$@\" >&9 2>&9",
            TestProgram.Executable,
            "--Heavy", "1", "--Script:heavy:Run", "print:1 wait", "--Cotyledon:GracefulShutdownTimeout", "00:00:02");
        await app.WaitForReadyAsync("light", 0);
        Linux.Send(await app.WaitForReadyAsync("light", 0), Linux.Kill);
        await app.WaitForReadyAsync("light", 0, incarnation: 2);
        app.Signal(Linux.Terminate);
        await app.WaitForAsync("event", "light", 0, 2);
        await app.UntilAsync(() => Linux.ChildrenOf(app.ProcessId).Count == 0, "the workers are gone", TimeSpan.FromSeconds(30));
    }
}
