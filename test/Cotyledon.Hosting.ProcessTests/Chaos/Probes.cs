namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Edits without other faults at the same time, so that their effect can be checked exactly.</summary>
internal static class Probes
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>The time in which nothing must happen; longer than the master waits for further edits.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(1.2);

    public static Task RunAsync(MasterRun run, Step step) => (step.Amount % 7) switch
    {
        0 or 1 => BadEditAsync(run, step),
        2 => GoodEditAsync(run, step),
        3 => SameContentAsync(run, step),
        4 => DeathWithBadFileAsync(run, step),
        _ => Task.CompletedTask,
    };

    public static bool AllCarryTheLastEdit(MasterRun run) => run.Workers().All(worker => Carries(run, worker));

    private static async Task BadEditAsync(MasterRun run, Step step)
    {
        await QuietPoint.UntilStillAsync(run);
        run.Notes.Add("saw-still", detail: "on");
        run.Spoil(step.Amount / 10, IsOdd(step));
        await UntilRejectedAsync(run);
        if (step.Which < 0.3)
        {
            run.Signal(run.MasterId, Linux.Hangup);
        }

        await Task.Delay(LongEnough);
        run.Notes.Add("saw-still", detail: "off");
        run.EditWell(IsOdd(step));
        await CarriedAsync(run);
    }

    private static async Task GoodEditAsync(MasterRun run, Step step)
    {
        run.Wanted.Targets[step.Service] = step.Amount % 5;
        run.EditWell(IsOdd(step));
        await CarriedAsync(run);
    }

    private static async Task SameContentAsync(MasterRun run, Step step)
    {
        await QuietPoint.UntilStillAsync(run);
        run.Notes.Add("saw-still", detail: "on");
        run.Rewrite(IsOdd(step));
        await Task.Delay(LongEnough);
        run.Notes.Add("saw-still", detail: "off");
    }

    /// <summary>Kills a worker while a file is invalid. Its replacement has the valid configuration once the file is valid again.</summary>
    private static async Task DeathWithBadFileAsync(MasterRun run, Step step)
    {
        if (!AllCarryTheLastEdit(run))
        {
            // A fault had aborted the rolling restart of the last edit.
            run.EditWell(IsOdd(step));
            await CarriedAsync(run);
        }

        run.Spoil(step.Amount / 10, IsOdd(step));
        await UntilRejectedAsync(run);
        run.Signal(run.AnyWorker(step.Service, step.Which), Linux.Kill);
        await Task.Delay(LongEnough);
        run.Restore(IsOdd(step));
        await CarriedAsync(run);
    }

    private static async Task UntilRejectedAsync(MasterRun run)
    {
        for (var end = ChaosLog.Now + Limit; ChaosLog.Now < end; await Task.Delay(100))
        {
            run.Say("errors");
            if (run.Program.Trace.LastOrDefault(l => l.Is("errors")) is { Detail.Length: > 0 })
            {
                return;
            }
        }
    }

    /// <summary>Waits until all workers have the last valid configuration, and notes them.</summary>
    private static async Task CarriedAsync(MasterRun run)
    {
        await MasterRun.WaitAsync(() => AllCarryTheLastEdit(run), Limit);
        if (await QuietPoint.SettleAsync(run))
        {
            run.Notes.Add("saw-carried", detail: $"{run.Wanted.Mark} {string.Join(',', run.Workers())}");
        }
    }

    private static bool Carries(MasterRun run, int processId) =>
        run.Program.Trace.LastOrDefault(l => l.ProcessId == processId && l.What is "init" or "start" or "reload")?.Detail
            == run.Wanted.Mark;

    private static bool IsOdd(Step step) => step.Amount % 2 == 1;
}
