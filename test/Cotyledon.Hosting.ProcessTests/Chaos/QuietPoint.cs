namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Ends all lasting faults and waits, with no commands but report requests, until all workers are as configured.</summary>
internal static class QuietPoint
{
    private const string SpareService = "(spare)";

    private static readonly TimeSpan LongestAct = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan StillAfter = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(Life life, Step step)
    {
        Calm(life, step);
        if (await SettleAsync(life))
        {
            await Probes.RunAsync(life, step);
        }
    }

    /// <summary>Waits until the master reports twice in a row that all workers are ready, and has no other child processes.</summary>
    public static async Task<bool> SettleAsync(Life life)
    {
        life.Notes.Add("saw-quiet");
        var before = "";
        for (var end = ChaosLog.Now + Terms.OfChaos.SettleLimit; ChaosLog.Now < end && life.IsMasterAlive; await Task.Delay(150))
        {
            var report = await life.AskAndWaitAsync() ?? Report.None;
            var children = Linux.ChildrenOf(life.MasterId);
            var isSettled = IsComplete(life, report)
                && HasLastEdit(life)
                && life.Workers().Order().SequenceEqual(report.Processes.Order())
                && children.Except(report.Processes).Count(child => IsSpare(life, child)) == life.Spares
                && children.Count == report.Processes.Count() + life.Spares
                && !children.Any(child => IsUpToSomething(life, child));
            var now = isSettled ? $"settled {Describe(report)} {string.Join(' ', children)}" : "";
            if (now.Length > 0 && now == before)
            {
                NoteSettled(life, report, children);
                return true;
            }

            before = now;
        }

        if (life.IsMasterAlive)
        {
            life.HasFailed = true;
            life.Notes.Add("saw-unsettled", detail: $"children={string.Join(',', Linux.ChildrenOf(life.MasterId))}");
        }

        return false;
    }

    /// <summary>
    /// Waits until there was no event for a while, since a rolling restart may be between two of its steps; no successor is being
    /// started; and the last edit is in force or has had its time.
    /// </summary>
    public static Task UntilStillAsync(Life life) => Life.WaitAsync(
        () => ChaosLog.Now - life.Program.Trace.Last(l => l.What is "event" or "reload").Time > StillAfter
            && Linux.ChildrenOf(life.MasterId).Count == life.LastReport.Processes.Count() + life.Spares
            && HasLastEdit(life),
        Terms.OfChaos.SettleLimit);

    /// <summary>Whether the last edit is in force, or has had its time.</summary>
    private static bool HasLastEdit(Life life) =>
        Probes.AllCarryTheLastEdit(life) || ChaosLog.Now - life.LastEdit > Terms.OfChaos.EditLimit;

    private static void Calm(Life life, Step step)
    {
        life.Lasting.MendAll();
        var keepsGivenUp = step.Amount % 3 == 0;
        var toClear = life.Wanted.Acts.Keys.Where(k => !keepsGivenUp || !life.Wanted.GivesUp.Contains(k.Split(':')[0])).ToList();
        toClear.ForEach(key => life.Wanted.Acts.Remove(key));
        if (!keepsGivenUp)
        {
            life.Wanted.GivesUp.Clear();
        }

        var wereAging = life.Wanted.Ages.Count > 0;
        life.Wanted.Ages.Clear();
        var wasLarge = life.Wanted.ExtraSize > 0;
        if (wasLarge)
        {
            (life.Wanted.ExtraSize, life.Wanted.ExtraGeneration) = (0, life.Wanted.ExtraGeneration + 1);
        }

        if (toClear.Count > 0 || wereAging || wasLarge || life.Lasting.IsSpoilt)
        {
            life.EditWell(inPlace: step.Amount % 2 == 0);
        }
    }

    private static bool IsComplete(Life life, Report report) =>
        report.Services.Count == life.Wanted.Targets.Count
        && report.Services.All(s => s.IsComplete(life.Wanted.GivesUp.Contains(s.Name)));

    /// <summary>
    /// Whether it still runs an old script, which a reload in place does not end, or hangs in a script, after which it will be
    /// replaced.
    /// </summary>
    private static bool IsUpToSomething(Life life, int processId) =>
        life.Program.Trace.LastOrDefault(l => l.Is("act") && l.ProcessId == processId) is { } act
        && (act.Detail.StartsWith("delay", StringComparison.Ordinal) || act.Detail == "hang")
        && ChaosLog.Now - act.Time < LongestAct;

    /// <summary>Whether it was started as a spare worker, and not as the successor of a worker.</summary>
    private static bool IsSpare(Life life, int processId) =>
        life.Program.Trace.Any(l => l.Is("event", SpareService) && l.Detail == $"Started {processId}");

    private static string Describe(Report report) => string.Join(' ', report.Services.SelectMany(s => s.Slots));

    private static void NoteSettled(Life life, Report report, IReadOnlyList<int> children)
    {
        var question = life.Program.Trace.Last(l => l.Is("reported")).Detail;
        var zombies = children.Where(c => Linux.StateOf(c) == "Z");
        life.Notes.Add(
            "saw-settled",
            life.MasterId,
            detail: $"question={question} children={string.Join(',', children)} zombies={string.Join(',', zombies)} "
                + $"givenup={string.Join(',', life.Wanted.GivesUp)} spares={life.Spares}");

        life.Notes.Add(
            "saw-size",
            life.MasterId,
            detail: $"workers={children.Count} descriptors={Linux.OpenedDescriptorsOf(life.MasterId)} "
                + $"threads={Linux.ThreadsOf(life.MasterId)} kib={Linux.PrivateMemoryOf(life.MasterId)}");

        // The order of the last resize requests is uncertain; the reported target is not.
        foreach (var service in report.Services)
        {
            life.Notes.Add("do-target", service: service.Name, detail: $"{service.Target}");
        }
    }
}
