namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>What is promised, and how a life of a master is judged by it. Pure: all that is looked at is the history.</summary>
internal sealed record Guarantee(int Number, string Promise, Func<History, IEnumerable<Breach>> Check)
{
    /// <summary>All but the tenth: nobody moves the clock of the machine here.</summary>
    public static IReadOnlyList<Guarantee> All { get; } =
    [
        new(1, "one process for each slot, ids from 0 to n-1", Exclusivity.Check),
        new(2, "the running workers settle at the target", Settling.Check),
        new(3, "no start after the shutdown began, nobody left after it", Ending.Check),
        new(4, "nobody outlives a killed master, and the ready ones leave gracefully", Orphans.Check),
        new(5, "a plan takes no more workers away than it may", PlannedReplacements.Check),
        new(6, "a bad configuration changes nothing, a good one comes to all", BadEdits.Check),
        new(7, "the supervisor always answers", Answers.Check),
        new(8, "one exit record for each start, with the true reason", ExitRecords.Check),
        new(9, "the master does not grow", Footprint.Check),
    ];

    public static IReadOnlyList<Breach> FindBreaches(History history) => [.. All.SelectMany(g => g.Check(history))];
}
