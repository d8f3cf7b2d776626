namespace Cotyledon.Hosting.Cluster.Tests.Simulation;

/// <summary>The store: records with revisions, and an outage now and then.</summary>
internal sealed class Store(World world)
{
    private readonly SortedDictionary<string, Versioned<Pulse>> _pulses = [];
    private readonly SortedDictionary<string, Versioned<Roster>> _rosters = [];
    private long _lastRevision;
    private double _brokenUntil;

    public bool IsBroken => world.Now < _brokenUntil;

    public void BreakFor(double duration)
    {
        world.Note($"store breaks for {duration}");
        _brokenUntil = world.Now + duration;
    }

    public IReadOnlyList<Versioned<Pulse>> Pulses => [.. _pulses.Values];

    public IReadOnlyList<Versioned<Roster>> Rosters => [.. _rosters.Values];

    /// <summary>Called when a roster was written.</summary>
    public Action? Changed { get; set; }

    public RosterId Id(string service, int id) => _rosters[service].Value.Ids[id];

    public (WriteOutcome Outcome, long Revision) Write(ClusterAction write) => write switch
    {
        ClusterAction.WritePulse pulse => Write(_pulses, pulse.Session, pulse.Value, pulse.ExpectedRevision),
        ClusterAction.WriteRoster roster => Write(_rosters, roster.Value.Service, roster.Value, roster.ExpectedRevision),
        _ => throw new ArgumentException("This is no write.", nameof(write)),
    };

    private (WriteOutcome, long) Write<T>(SortedDictionary<string, Versioned<T>> records, string key, T? value, long expected)
        where T : class
    {
        var revision = records.TryGetValue(key, out var record) ? record.Revision : 0;
        if (revision != expected && world.Mutant != Mutant.BrokenCompareAndSwap)
        {
            return (WriteOutcome.Conflict, 0);
        }

        if (value is null)
        {
            records.Remove(key);
            return (WriteOutcome.Written, 0);
        }

        records[key] = new Versioned<T>(value, ++_lastRevision);
        if (value is Roster)
        {
            Changed?.Invoke();
        }

        return (WriteOutcome.Written, _lastRevision);
    }
}
