namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>Guarantee 8: every start has exactly one exit record, with the true reason.</summary>
internal static class ExitRecords
{
    public static IEnumerable<Breach> Check(History history) =>
        [.. Counts(history), .. FailedStarts(history), .. Reasons(history), .. Signals(history)];

    private static IEnumerable<Breach> Counts(History history)
    {
        // A killed master cannot write the last records.
        var isWhole = history.First("saw-exit") is not null && !history.MasterWasKilled && history.First("end-master") is not null;
        foreach (var worker in history.WorkerHistories)
        {
            var records = worker.Lines.Where(l => l.Is("hook-dead")).ToList();
            if (records.Count > 1)
            {
                yield return new Breach(8, "two exit records of one process", records);
            }
            else if (records.Count == 0 && isWhole && worker.Event("Started") is { } started)
            {
                yield return new Breach(8, "a started process has no exit record", started);
            }
        }
    }

    private static IEnumerable<Breach> FailedStarts(History history)
    {
        foreach (var exit in history.Exits.Where(e => e.ProcessId is null))
        {
            if (ExitReasons.ComplaintOnFailedStart(exit, history) is { } complaint)
            {
                yield return new Breach(8, complaint, exit.Line);
            }
        }
    }

    private static IEnumerable<Breach> Reasons(History history)
    {
        foreach (var worker in history.WorkerHistories.Where(w => w.Exits.Count > 0))
        {
            if (ExitReasons.Complaint(worker.Exits[0], worker, history) is { } complaint)
            {
                yield return new Breach(8, complaint, [worker.Exits[0].Line, .. worker.Lines.Where(IsOfInterest)]);
            }
        }
    }

    /// <summary>A process that was sent SIGKILL was killed by it, or was already exiting.</summary>
    private static IEnumerable<Breach> Signals(History history)
    {
        foreach (var worker in history.WorkerHistories.Where(w => w.Exits.Count > 0 && w.WasSent(Linux.Kill)))
        {
            var exit = worker.Exits[0];
            if (exit.Signal != Linux.Kill && !ExitReasons.WasLeaving(worker, history))
            {
                yield return new Breach(
                    8, "a process was killed, but its exit record has no signal 9", [exit.Line, .. worker.Lines.Where(IsOfInterest)]);
            }
        }
    }

    private static bool IsOfInterest(TraceLine line) =>
        line.What is "do-signal" or "act" or "event" or "terminate" or "stop" or "init" or "start";
}
