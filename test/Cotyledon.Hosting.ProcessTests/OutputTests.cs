namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Scenario 27: whatever workers print, nobody waits for ever and nothing grows.</summary>
public class OutputTests
{
    [Test]
    public async Task A_flood_on_both_outputs_passes_and_the_master_stays_small()
    {
        await using var app = TestProgram.Start("--Heavy", "1", "--Script:heavy:Run", "print:50 wait");
        await app.WaitForReadyAsync("light", 0);
        var before = Linux.PrivateMemoryOf(app.ProcessId);
        await app.UntilAsync(() => app.Output.Length > 900_000, "output");
        Linux.Send(await app.WaitForReadyAsync("light", 0), Linux.Kill);
        await app.WaitForReadyAsync("light", 0, incarnation: 2);
        Assert.That(Linux.PrivateMemoryOf(app.ProcessId), Is.LessThan(before + (32 * 1024)));
        await app.StopAsync();
    }

    [Test]
    public async Task A_master_whose_output_nobody_reads_still_supervises_and_stops()
    {
        // The shell keeps the read ends of both pipes open and reads nothing.
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
        await app.UntilAsync(() => Linux.ChildrenOf(app.ProcessId).Count == 0, "the workers are gone", TimeSpan.FromSeconds(6));
    }
}
