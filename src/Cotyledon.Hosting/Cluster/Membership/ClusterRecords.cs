namespace Cotyledon.Hosting.Cluster;

/// <summary>The record of one session: the time from the start of a master, or from the loss of its last session, to its end.</summary>
internal sealed record Pulse
{
    public required string Session { get; init; }

    public required string Machine { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>Counts the renewals.</summary>
    public long Beat { get; init; }

    /// <summary>The lease of the session in milliseconds. Others wait for the longer one of this and their own.</summary>
    public long Lease { get; init; }

    /// <summary>Whether the session has left, or was declared dead.</summary>
    public bool HasEnded { get; init; }

    /// <summary>The services that the program of the session has.</summary>
    public IReadOnlyList<PulseService> Services { get; init; } = [];
}

/// <summary>The entry of one service in the pulse of a session.</summary>
/// <param name="Name">The name of the service.</param>
/// <param name="Workers">The number of workers in the whole cluster, as the settings of this session say.</param>
/// <param name="MaxHere">The most workers of the session; <see langword="null"/> for no limit.</param>
internal sealed record PulseService(string Name, int Workers, int? MaxHere = null);

/// <summary>The record of one service: who holds each worker id.</summary>
internal sealed class Roster
{
    public required string Service { get; init; }

    /// <summary>The ids, from 0.</summary>
    public IReadOnlyList<RosterId> Ids { get; init; } = [];

    /// <summary>The sessions that hold ids.</summary>
    public IReadOnlySet<string> Owners => field ??= Ids.Select(i => i.Owner).Where(o => o.Length > 0).ToHashSet();
}

/// <summary>The holder of a worker id.</summary>
/// <param name="Owner">The session; empty if the id was released.</param>
/// <param name="Incarnation">
/// The first of the <see cref="Block"/> incarnations that the owner may use, or the last owner might have used. Each claim adds a block.
/// </param>
internal readonly record struct RosterId(string Owner, long Incarnation)
{
    /// <summary>The incarnations that a claim reserves, so that a worker can be restarted without the store.</summary>
    public const long Block = 1_000_000;

    public static RosterId Free { get; } = new("", 0);
}

/// <summary>A record with the revision that a write must expect.</summary>
internal readonly record struct Versioned<T>(T Value, long Revision);

/// <summary>
/// The records. Each roster is older than all pulses: a provider that cannot read all records at one time reads the rosters first, so that a session
/// that claims an id is not taken for an ended one.
/// </summary>
internal sealed record ClusterView(IReadOnlyList<Versioned<Pulse>> Pulses, IReadOnlyList<Versioned<Roster>> Rosters);
