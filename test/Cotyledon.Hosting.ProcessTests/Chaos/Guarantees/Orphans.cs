namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>
/// Guarantee 4: when the master is killed, every worker exits within its graceful timeout and one second, and ready workers
/// terminate gracefully.
/// </summary>
internal static class Orphans
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.2);

    public static IEnumerable<Breach> Check(History history)
    {
        if (history.End is not { Detail: "9" } kill)
        {
            yield break;
        }

        var terms = history.Terms;
        foreach (var gone in history.Notes("saw-gone"))
        {
            if (gone.Detail.Length > 0 || gone.Time - kill.Time > terms.Graceful + terms.Reserve + terms.Noise)
            {
                yield return new Breach(4, $"workers outlived their master by {gone.Time - kill.Time}", kill, gone);
            }
        }

        foreach (var worker in history.WorkerHistories.Where(w => WasWell(w, kill.Time)))
        {
            if (worker.Own("terminate") is null && worker.Own("stop") is null)
            {
                yield return new Breach(4, "a ready worker was not terminated gracefully", [kill, .. worker.Lines]);
            }
        }
    }

    /// <summary>Whether the worker was ready when the master died, and no fault affected it.</summary>
    private static bool WasWell(WorkerHistory worker, TimeSpan death) =>
        worker.Event("Ready")?.Time < death
        && worker.Event("Stopping") is null
        && worker.Event("Killed") is null
        && worker.Exits.Count == 0
        && !worker.WasSent(Linux.Kill)
        && !worker.DidAct("throw", "exit", "leave", "signal", "failfast", "hang", "blockpool")
        && worker.Event("Ready")!.Time < death - Moment;
}
