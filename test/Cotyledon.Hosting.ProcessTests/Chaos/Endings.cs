namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>The ways to end a master, with notes of the result.</summary>
internal static class Endings
{
    /// <summary>The limit of the driver; the guarantees are checked by the notes.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>At a fast stop, the master does not wait long for the processes that it has killed.</summary>
    private static readonly TimeSpan DeathLimit = TimeSpan.FromSeconds(1);

    /// <summary>Sends SIGTERM.</summary>
    public static async Task StopAsync(Life life)
    {
        await life.BeginEndAsync();
        life.Signal(life.MasterId, Linux.Terminate);
        await AwaitExitAsync(life, leftFor: TimeSpan.Zero);
    }

    /// <summary>Sends SIGINT twice.</summary>
    public static async Task StopAtOnceAsync(Life life, Step step)
    {
        await life.BeginEndAsync();
        life.Signal(life.MasterId, Linux.Interrupt);
        await Task.Delay(step.Amount / 2);
        life.Signal(life.MasterId, Linux.Interrupt);
        await AwaitExitAsync(life, leftFor: DeathLimit);
    }

    /// <summary>Sends SIGKILL to the master only. A paused worker could not notice that, so paused workers are continued first.</summary>
    public static async Task KillAsync(Life life)
    {
        await life.BeginEndAsync();
        life.Lasting.MendAll();
        life.Signal(life.MasterId, Linux.Kill);
        await Life.WaitAsync(() => life.Program.Processes().Count == 0, Limit);
        life.Notes.Add("saw-gone", life.MasterId, detail: string.Join(',', life.Program.Processes()));
    }

    private static async Task AwaitExitAsync(Life life, TimeSpan leftFor)
    {
        var hasExited = await Life.WaitAsync(() => !life.IsMasterAlive, Limit);
        await Life.WaitAsync(() => life.Program.Processes().Count == 0, leftFor);
        life.Notes.Add("saw-left", detail: string.Join(',', life.Program.Processes()));
        life.Notes.Add("saw-exit", life.MasterId, detail: hasExited ? $"{await life.Program.WaitForExitAsync()}" : "never");
    }
}
