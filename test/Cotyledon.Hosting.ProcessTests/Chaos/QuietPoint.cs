namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Ends all lasting faults and waits, with no commands but report requests, until all workers are as configured.</summary>
internal static class QuietPoint
{
    private const string SpareService = "(spare)";

    private static readonly TimeSpan LongestAct = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan StillAfter = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(MasterRun run, Step step)
    {
        Calm(run, step);
        if (await SettleAsync(run))
        {
            await Probes.RunAsync(run, step);
        }
    }

    /// <summary>Waits until the master reports twice in a row that all workers are ready, and has no other child processes.</summary>
    public static async Task<bool> SettleAsync(MasterRun run)
    {
        run.Notes.Add("saw-quiet");
        var before = "";
        for (var end = ChaosLog.Now + Terms.OfChaos.SettleLimit; ChaosLog.Now < end && run.IsMasterAlive; await Task.Delay(150))
        {
            var report = await run.AskAndWaitAsync() ?? Report.None;
            var children = Linux.ChildrenOf(run.MasterId);
            var isSettled = IsComplete(run, report)
                && HasLastEdit(run)
                && run.Workers().Order().SequenceEqual(report.Processes.Order())
                && children.Except(report.Processes).Count(child => IsSpare(run, child)) == run.Spares
                && children.Count == report.Processes.Count() + run.Spares
                && !children.Any(child => IsUpToSomething(run, child));
            var now = isSettled ? $"settled {Describe(report)} {string.Join(' ', children)}" : "";
            if (now.Length > 0 && now == before)
            {
                NoteSettled(run, report, children);
                return true;
            }

            before = now;
        }

        if (run.IsMasterAlive)
        {
            run.HasFailed = true;
            run.Notes.Add("saw-unsettled", detail: $"children={string.Join(',', Linux.ChildrenOf(run.MasterId))}");
        }

        return false;
    }

    /// <summary>
    /// Waits until there was no event for a while, since a rolling restart may be between two of its steps; no successor is being
    /// started; and the last edit is in force or has had its time.
    /// </summary>
    public static Task UntilStillAsync(MasterRun run) => MasterRun.WaitAsync(
        () => ChaosLog.Now - run.Program.Trace.Last(l => l.What is "event" or "reload").Time > StillAfter
            && Linux.ChildrenOf(run.MasterId).Count == run.LastReport.Processes.Count() + run.Spares
            && HasLastEdit(run),
        Terms.OfChaos.SettleLimit);

    /// <summary>Whether the last edit is in force, or has had its time.</summary>
    private static bool HasLastEdit(MasterRun run) =>
        Probes.AllCarryTheLastEdit(run) || ChaosLog.Now - run.LastEdit > Terms.OfChaos.EditLimit;

    private static void Calm(MasterRun run, Step step)
    {
        run.Lasting.EndAll();
        var keepsGivenUp = step.Amount % 3 == 0;
        var toClear = run.Wanted.Acts.Keys.Where(k => !keepsGivenUp || !run.Wanted.GivenUp.Contains(k.Split(':')[0])).ToList();
        toClear.ForEach(key => run.Wanted.Acts.Remove(key));
        if (!keepsGivenUp)
        {
            run.Wanted.GivenUp.Clear();
        }

        var wereAging = run.Wanted.Ages.Count > 0;
        run.Wanted.Ages.Clear();
        var wasLarge = run.Wanted.ExtraSize > 0;
        if (wasLarge)
        {
            (run.Wanted.ExtraSize, run.Wanted.ExtraGeneration) = (0, run.Wanted.ExtraGeneration + 1);
        }

        if (toClear.Count > 0 || wereAging || wasLarge || run.Lasting.IsSpoilt)
        {
            run.EditWell(inPlace: step.Amount % 2 == 0);
        }
    }

    private static bool IsComplete(MasterRun run, Report report) =>
        report.Services.Count == run.Wanted.Targets.Count
        && report.Services.All(s => s.IsComplete(run.Wanted.GivenUp.Contains(s.Name)));

    /// <summary>
    /// Whether it still runs an old script, which a reload in place does not end, or hangs in a script, after which it will be
    /// replaced.
    /// </summary>
    private static bool IsUpToSomething(MasterRun run, int processId) =>
        run.Program.Trace.LastOrDefault(l => l.Is("act") && l.ProcessId == processId) is { } act
        && (act.Detail.StartsWith("delay", StringComparison.Ordinal) || act.Detail == "hang")
        && ChaosLog.Now - act.Time < LongestAct;

    /// <summary>Whether it was started as a spare worker, and not as the successor of a worker.</summary>
    private static bool IsSpare(MasterRun run, int processId) =>
        run.Program.Trace.Any(l => l.Is("event", SpareService) && l.Detail == $"Started {processId}");

    private static string Describe(Report report) => string.Join(' ', report.Services.SelectMany(s => s.Slots));

    private static void NoteSettled(MasterRun run, Report report, IReadOnlyList<int> children)
    {
        var question = run.Program.Trace.Last(l => l.Is("reported")).Detail;
        var zombies = children.Where(c => Linux.StateOf(c) == "Z");
        run.Notes.Add(
            "saw-settled",
            run.MasterId,
            detail: $"question={question} children={string.Join(',', children)} zombies={string.Join(',', zombies)} "
                + $"givenup={string.Join(',', run.Wanted.GivenUp)} spares={run.Spares}");

        run.Notes.Add(
            "saw-size",
            run.MasterId,
            detail: $"workers={children.Count} descriptors={Linux.OpenedDescriptorsOf(run.MasterId)} "
                + $"threads={Linux.ThreadsOf(run.MasterId)} kib={Linux.PrivateMemoryOf(run.MasterId)}");

        // The order of the last resize requests is uncertain; the reported target is not.
        foreach (var service in report.Services)
        {
            run.Notes.Add("do-target", service: service.Name, detail: $"{service.Target}");
        }
    }
}
