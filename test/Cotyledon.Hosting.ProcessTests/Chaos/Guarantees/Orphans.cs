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

        foreach (var story in history.Stories.Where(s => WasWell(s, kill.Time)))
        {
            if (story.Own("terminate") is null && story.Own("stop") is null)
            {
                yield return new Breach(4, "a ready worker was not terminated gracefully", [kill, .. story.Lines]);
            }
        }
    }

    /// <summary>Whether the worker was ready when the master died, and no fault affected it.</summary>
    private static bool WasWell(WorkerHistory story, TimeSpan death) =>
        story.Event("Ready")?.Time < death
        && story.Event("Stopping") is null
        && story.Event("Killed") is null
        && story.Exits.Count == 0
        && !story.WasSent(Linux.Kill)
        && !story.DidAct("throw", "exit", "leave", "signal", "failfast", "hang", "blockpool")
        && story.Event("Ready")!.Time < death - Moment;
}
