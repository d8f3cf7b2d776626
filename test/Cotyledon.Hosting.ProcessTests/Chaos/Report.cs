using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>One worker in a report of the master.</summary>
internal sealed record ReportedSlot(int WorkerId, string State, int Incarnation, int? ProcessId)
{
    public bool Works => State is "Ready" or "Idle";

    public static ReportedSlot Parse(string text)
    {
        var fields = text.Split(':');
        return new ReportedSlot(
            Number(fields[0]), fields[1], Number(fields[2]), fields[3].Length == 0 ? null : Number(fields[3]));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>One service in a report of the master.</summary>
internal sealed record ReportedService(string Name, int Target, IReadOnlyList<ReportedSlot> Slots)
{
    public static ReportedService Parse(TraceLine line)
    {
        var words = line.Detail.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new ReportedService(
            line.Service, int.Parse(words[0], CultureInfo.InvariantCulture), [.. words[1..].Select(ReportedSlot.Parse)]);
    }

    /// <summary>Whether each id has exactly one worker, and each is ready, or was given up where that is expected.</summary>
    public bool IsComplete(bool mayBeGivenUp) =>
        Slots.Select(s => s.WorkerId).SequenceEqual(Enumerable.Range(0, Target))
        && Slots.All(s => s.Works || (mayBeGivenUp && s.State == "GivenUp"));
}

/// <summary>The report of the master about its workers.</summary>
internal sealed record Report(IReadOnlyList<ReportedService> Services)
{
    public static readonly Report None = new([]);

    public IEnumerable<int> Processes => Services.SelectMany(s => s.Slots).Select(s => s.ProcessId).OfType<int>();

    /// <summary>Finds the report for this request. Returns <see langword="null"/> while there is none.</summary>
    public static Report? Find(IReadOnlyList<TraceLine> trace, string question)
    {
        var end = trace.ToList().FindIndex(l => l.Is("reported") && l.Detail == question);
        return end < 0
            ? null
            : new Report([.. trace
                .Take(end)
                .Where(l => l.Is("report"))
                .GroupBy(l => l.Service)
                .Select(lines => ReportedService.Parse(lines.Last()))]);
    }
}
