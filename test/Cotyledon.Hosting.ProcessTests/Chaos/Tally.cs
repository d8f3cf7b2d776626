using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Counts the faults of a run and the checks of the guarantees.</summary>
internal sealed class Tally(int seed)
{
    // The number of the guarantee, the counted thing, and the line that counts.
    private static readonly (string Name, Func<TraceLine, bool> IsOne)[] Checks =
    [
        ("1 slots taken", l => l.Is("locked")),
        ("2 times settled", l => l.Is("saw-settled")),
        ("3 masters stopped", l => l.Is("saw-exit")),
        ("4 masters killed", l => l.Is("saw-gone")),
        ("5 planned exits", l => l.IsEvent("Exited") && l.Detail.Contains(" Replaced ", StringComparison.Ordinal)),
        ("6 good configurations carried", l => l.Is("saw-carried")),
        ("6 times nothing was to happen", l => l.Is("saw-still") && l.Detail == "on"),
        ("7 answers", l => l.Is("reported")),
        ("7 views", l => l.Is("saw-view") && l.Detail.Contains(' ', StringComparison.Ordinal)),
        ("8 exit records", l => l.Is("hook-dead")),
        ("9 measurements", l => l.Is("saw-size")),
    ];

    private readonly SortedDictionary<string, int> _faults = [];
    private readonly SortedDictionary<string, int> _exits = [];
    private readonly SortedDictionary<string, int> _checks = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _steps;

    public void Count(Fault fault)
    {
        _steps++;
        Count(_faults, fault.Name);
    }

    public void Count(History history)
    {
        foreach (var line in history.Lines)
        {
            foreach (var (name, isOne) in Checks.Where(c => c.IsOne(line)))
            {
                Count(_checks, name);
            }
        }

        history.Exits.ToList().ForEach(exit => Count(_exits, exit.Reason));
        history.Notes("do-script").ToList().ForEach(script => Count(_faults, $"script: {script.Detail}"));
    }

    public override string ToString() => string.Join(
        Environment.NewLine,
        $"seed {seed}: {_steps} steps in {_watch.Elapsed.TotalSeconds:0} s",
        $"  faults: {List(_faults)}",
        $"  exits: {List(_exits)}",
        $"  checks: {List(_checks)}");

    private static void Count(SortedDictionary<string, int> counts, string name) =>
        counts[name] = counts.GetValueOrDefault(name) + 1;

    private static string List(SortedDictionary<string, int> counts) =>
        string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"));
}
