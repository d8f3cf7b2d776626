namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>The lines of one worker process, of the master about it, and of the driver about it.</summary>
internal sealed class WorkerHistory(int processId)
{
    private readonly List<TraceLine> _lines = [];

    public int ProcessId { get; } = processId;

    public IReadOnlyList<TraceLine> Lines => _lines;

    /// <summary>The lines that the process has written itself.</summary>
    public IEnumerable<TraceLine> OwnLines => _lines.Where(l => l.ProcessId == ProcessId && !History.IsNote(l));

    public IReadOnlyList<ExitRecord> Exits => [.. _lines.Where(l => l.Is("hook-dead")).Select(ExitRecord.Parse)];

    public TimeSpan Begin => _lines[0].Time;

    public TimeSpan End => Exits is [var exit, ..] ? exit.Line.Time : TimeSpan.MaxValue;

    public void Add(TraceLine line) => _lines.Add(line);

    public TraceLine? Event(string kind) => _lines.FirstOrDefault(l => l.IsEvent(kind));

    public TraceLine? Own(string what) => OwnLines.FirstOrDefault(l => l.What == what);

    public bool WasSent(int signal) => _lines.Any(l => l.Is("do-signal") && l.Detail == $"{signal}");

    /// <summary>Whether its script has run one of these actions.</summary>
    public bool DidAct(params ReadOnlySpan<string> verbs)
    {
        foreach (var line in _lines.Where(l => l.Is("act")))
        {
            if (verbs.Contains(line.Detail.Split(':')[0]))
            {
                return true;
            }
        }

        return false;
    }
}
