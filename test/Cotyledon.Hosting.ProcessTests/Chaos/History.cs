using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>The trace of one master and the notes of the driver in the order of time, with the queries of the guarantees.</summary>
internal sealed class History
{
    private static readonly TimeSpan ReuseDelay = TimeSpan.FromSeconds(3);

    private readonly List<WorkerHistory> _workerHistories = [];

    public History(IEnumerable<TraceLine> lines, Terms terms)
    {
        Lines = [.. lines.OrderBy(l => l.Time)];
        Terms = terms;
        MasterId = First("main-master")?.ProcessId ?? 0;
        Events = [.. Lines.Where(l => l.Is("event"))];
        Services = [.. Lines.Where(l => l.Is("report")).Select(l => l.Service).Distinct()];
        Exits = [.. Lines.Where(l => l.Is("hook-dead")).Select(ExitRecord.Parse)];
        CollectWorkerHistories();
    }

    public IReadOnlyList<TraceLine> Lines { get; }

    /// <summary>The services in the reports of the master.</summary>
    public IReadOnlyList<string> Services { get; }

    public Terms Terms { get; }

    public int MasterId { get; }

    /// <summary>The events of the supervisor, in the order of its decisions.</summary>
    public IReadOnlyList<TraceLine> Events { get; }

    public IReadOnlyList<ExitRecord> Exits { get; }

    public IReadOnlyList<WorkerHistory> WorkerHistories => _workerHistories;

    /// <summary>The first signal that ends the master.</summary>
    public TraceLine? End => Lines.FirstOrDefault(l => l.Is("do-signal") && l.ProcessId == MasterId && l.Detail is "2" or "9" or "15");

    public bool MasterWasKilled => End?.Detail == "9";

    public static bool IsNote(TraceLine line) =>
        line.What.StartsWith("do-", StringComparison.Ordinal) || line.What.StartsWith("saw-", StringComparison.Ordinal);

    public TraceLine? First(string what) => Lines.FirstOrDefault(l => l.What == what);

    public IEnumerable<TraceLine> Notes(string what) => Lines.Where(l => l.What == what);

    /// <summary>The worker counts requested between these times, and the last one before.</summary>
    public IReadOnlyList<TraceLine> Targets(string service, TimeSpan from, TimeSpan to)
    {
        var all = Lines.Where(l => l.Is("do-target", service) && l.Time <= to).ToList();
        var before = all.FindLastIndex(l => l.Time < from);
        return all[Math.Max(before, 0)..];
    }

    /// <summary>Whether a state that the notes switch <c>on</c> and <c>off</c> was on at any time in between.</summary>
    public bool WasOn(string what, TimeSpan from, TimeSpan to)
    {
        var isOn = false;
        foreach (var note in Notes(what).Where(n => n.Time <= to))
        {
            if (isOn && note.Time > from)
            {
                return true;
            }

            isOn = note.Detail.StartsWith("on", StringComparison.Ordinal);
        }

        return isOn;
    }

    public int StepAt(TimeSpan time) => Lines.LastOrDefault(l => IsNote(l) && l.Time <= time)?.Incarnation ?? 0;

    public string Format(TraceLine line) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(line.Time - Lines[0].Time).TotalSeconds,8:0.000}  {line.ProcessId,6}  {line.What,-12} ")
        + (line.Service == "-" ? "" : $"{line.Service}({line.WorkerId}) ")
        + $"#{line.Incarnation} {line.Detail}";

    private void CollectWorkerHistories()
    {
        var present = new Dictionary<int, WorkerHistory>();
        foreach (var line in Lines)
        {
            var processId = WorkerOf(line);
            if (processId == 0 || processId == MasterId)
            {
                continue;
            }

            // The kernel reuses process ids, but not immediately; the lines of one process may be out of order.
            var isStart = line.IsEvent("Started") || line.Is("main-worker");
            if (!present.TryGetValue(processId, out var worker)
                || (isStart && worker.Exits.Count > 0 && line.Time - worker.End > ReuseDelay))
            {
                _workerHistories.Add(worker = present[processId] = new WorkerHistory(processId));
            }

            worker.Add(line);
        }
    }

    private static int WorkerOf(TraceLine line) => line.What switch
    {
        "event" => int.TryParse(line.Detail.Split(' ')[1], CultureInfo.InvariantCulture, out var id) ? id : 0,
        "hook-dead" => ExitRecord.Parse(line).ProcessId ?? 0,
        _ => line.ProcessId,
    };
}
