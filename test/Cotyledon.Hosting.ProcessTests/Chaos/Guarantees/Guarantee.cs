namespace Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

/// <summary>A guarantee and its check, which depends only on the history of a master.</summary>
internal sealed record Guarantee(int Number, string Promise, Func<History, IEnumerable<Breach>> Check)
{
    /// <summary>All guarantees but the tenth, for which the clock of the machine would have to change.</summary>
    public static IReadOnlyList<Guarantee> All { get; } =
    [
        new(1, "one process for each slot, ids from 0 to n-1", Exclusivity.Check),
        new(2, "the running workers settle at the target", Settling.Check),
        new(3, "no start after the shutdown began, no process left after it", Ending.Check),
        new(4, "no worker outlives a killed master, ready workers terminate gracefully", Orphans.Check),
        new(5, "planned replacements respect MaxUnavailable", PlannedReplacements.Check),
        new(6, "an invalid configuration changes nothing, a valid one reaches all", BadEdits.Check),
        new(7, "the supervisor always answers", Answers.Check),
        new(8, "one exit record for each start, with the true reason", ExitRecords.Check),
        new(9, "the master does not grow", Footprint.Check),
    ];

    public static IReadOnlyList<Breach> FindBreaches(History history) => [.. All.SelectMany(g => g.Check(history))];
}
