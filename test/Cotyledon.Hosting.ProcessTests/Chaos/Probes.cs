namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Edits without other faults at the same time, so that their effect can be checked exactly.</summary>
internal static class Probes
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>The time in which nothing must happen; longer than the master waits for further edits.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(1.2);

    public static Task RunAsync(Life life, Step step) => (step.Amount % 7) switch
    {
        0 or 1 => BadEditAsync(life, step),
        2 => GoodEditAsync(life, step),
        3 => SameContentAsync(life, step),
        4 => DeathWithBadFileAsync(life, step),
        _ => Task.CompletedTask,
    };

    public static bool AllCarryTheLastEdit(Life life) => life.Workers().All(worker => Carries(life, worker));

    private static async Task BadEditAsync(Life life, Step step)
    {
        await QuietPoint.UntilStillAsync(life);
        life.Notes.Add("saw-still", detail: "on");
        life.Spoil(step.Amount / 10, IsOdd(step));
        await UntilRejectedAsync(life);
        if (step.Which < 0.3)
        {
            life.Signal(life.MasterId, Linux.Hangup);
        }

        await Task.Delay(LongEnough);
        life.Notes.Add("saw-still", detail: "off");
        life.EditWell(IsOdd(step));
        await CarriedAsync(life);
    }

    private static async Task GoodEditAsync(Life life, Step step)
    {
        life.Wanted.Targets[step.Service] = step.Amount % 5;
        life.EditWell(IsOdd(step));
        await CarriedAsync(life);
    }

    private static async Task SameContentAsync(Life life, Step step)
    {
        await QuietPoint.UntilStillAsync(life);
        life.Notes.Add("saw-still", detail: "on");
        life.Rewrite(IsOdd(step));
        await Task.Delay(LongEnough);
        life.Notes.Add("saw-still", detail: "off");
    }

    /// <summary>Kills a worker while a file is invalid. Its replacement has the valid configuration once the file is valid again.</summary>
    private static async Task DeathWithBadFileAsync(Life life, Step step)
    {
        if (!AllCarryTheLastEdit(life))
        {
            // A fault had aborted the rolling restart of the last edit.
            life.EditWell(IsOdd(step));
            await CarriedAsync(life);
        }

        life.Spoil(step.Amount / 10, IsOdd(step));
        await UntilRejectedAsync(life);
        life.Signal(life.AnyWorker(step.Service, step.Which), Linux.Kill);
        await Task.Delay(LongEnough);
        life.Restore(IsOdd(step));
        await CarriedAsync(life);
    }

    private static async Task UntilRejectedAsync(Life life)
    {
        for (var end = ChaosLog.Now + Limit; ChaosLog.Now < end; await Task.Delay(100))
        {
            life.Say("errors");
            if (life.Program.Trace.LastOrDefault(l => l.Is("errors")) is { Detail.Length: > 0 })
            {
                return;
            }
        }
    }

    /// <summary>Waits until all workers have the last valid configuration, and notes them.</summary>
    private static async Task CarriedAsync(Life life)
    {
        await Life.WaitAsync(() => AllCarryTheLastEdit(life), Limit);
        if (await QuietPoint.SettleAsync(life))
        {
            life.Notes.Add("saw-carried", detail: $"{life.Wanted.Mark} {string.Join(',', life.Workers())}");
        }
    }

    private static bool Carries(Life life, int processId) =>
        life.Program.Trace.LastOrDefault(l => l.ProcessId == processId && l.What is "init" or "start" or "reload")?.Detail
            == life.Wanted.Mark;

    private static bool IsOdd(Step step) => step.Amount % 2 == 1;
}
