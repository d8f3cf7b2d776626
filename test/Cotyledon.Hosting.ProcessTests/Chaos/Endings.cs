namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>How a master ends, and what is seen of that.</summary>
internal static class Endings
{
    /// <summary>The driver's own patience; what is right is judged by the notes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>SIGTERM, and all go.</summary>
    public static async Task StopAsync(Life life)
    {
        await life.BeginEndAsync();
        life.Signal(life.MasterId, Linux.Terminate);
        await AwaitExitAsync(life);
    }

    /// <summary>SIGINT twice.</summary>
    public static async Task StopAtOnceAsync(Life life, Step step)
    {
        await life.BeginEndAsync();
        life.Signal(life.MasterId, Linux.Interrupt);
        await Task.Delay(step.Amount / 2);
        life.Signal(life.MasterId, Linux.Interrupt);
        await AwaitExitAsync(life);
    }

    /// <summary>SIGKILL to the master only. A worker that is stopped cannot see that, so they are let go on first.</summary>
    public static async Task KillAsync(Life life)
    {
        await life.BeginEndAsync();
        life.Lasting.MendAll();
        life.Signal(life.MasterId, Linux.Kill);
        await Life.WaitAsync(() => life.Program.Processes().Count == 0, Patience);
        life.Notes.Add("saw-gone", life.MasterId, detail: string.Join(',', life.Program.Processes()));
    }

    private static async Task AwaitExitAsync(Life life)
    {
        var hasExited = await Life.WaitAsync(() => !life.IsMasterAlive, Patience);
        life.Notes.Add("saw-left", detail: string.Join(',', life.Program.Processes()));
        life.Notes.Add("saw-exit", life.MasterId, detail: hasExited ? $"{await life.Program.WaitForExitAsync()}" : "never");
    }
}
