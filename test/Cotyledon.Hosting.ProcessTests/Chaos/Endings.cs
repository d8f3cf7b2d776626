namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>The ways to end a master, with notes of the result.</summary>
internal static class Endings
{
    /// <summary>The limit of the driver; the guarantees are checked by the notes.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>At a fast stop, the master does not wait long for the processes that it has killed.</summary>
    private static readonly TimeSpan DeathLimit = TimeSpan.FromSeconds(1);

    /// <summary>Sends SIGTERM.</summary>
    public static async Task StopAsync(MasterRun run)
    {
        await run.BeginEndAsync();
        run.Signal(run.MasterId, Linux.Terminate);
        await AwaitExitAsync(run, leftFor: TimeSpan.Zero);
    }

    /// <summary>Sends SIGINT twice.</summary>
    public static async Task StopAtOnceAsync(MasterRun run, Step step)
    {
        await run.BeginEndAsync();
        run.Signal(run.MasterId, Linux.Interrupt);
        await Task.Delay(step.Amount / 2);
        run.Signal(run.MasterId, Linux.Interrupt);
        await AwaitExitAsync(run, leftFor: DeathLimit);
    }

    /// <summary>Sends SIGKILL to the master only. A paused worker could not notice that, so paused workers are continued first.</summary>
    public static async Task KillAsync(MasterRun run)
    {
        await run.BeginEndAsync();
        run.Lasting.EndAll();
        run.Signal(run.MasterId, Linux.Kill);
        await MasterRun.WaitAsync(() => run.Program.Processes().Count == 0, Limit);
        run.Notes.Add("saw-gone", run.MasterId, detail: string.Join(',', run.Program.Processes()));
    }

    private static async Task AwaitExitAsync(MasterRun run, TimeSpan leftFor)
    {
        var hasExited = await MasterRun.WaitAsync(() => !run.IsMasterAlive, Limit);
        await MasterRun.WaitAsync(() => run.Program.Processes().Count == 0, leftFor);
        run.Notes.Add("saw-left", detail: string.Join(',', run.Program.Processes()));
        run.Notes.Add("saw-exit", run.MasterId, detail: hasExited ? $"{await run.Program.WaitForExitAsync()}" : "never");
    }
}
