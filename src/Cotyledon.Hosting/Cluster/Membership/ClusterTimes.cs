namespace Cotyledon.Hosting.Cluster;

/// <summary>The times of a lease, in milliseconds of the clock of each machine.</summary>
/// <remarks>
/// The rates of two clocks may differ by 5 %. So a worker is killed when nine tenths of the lease are over on the clock of its machine, and a
/// machine declares another one dead when the whole lease is over on its own clock. The offsets of clocks do not matter.
/// </remarks>
internal sealed record ClusterTimes
{
    /// <summary>How long a pulse must stand unchanged before its session may be declared dead.</summary>
    public required long Lease { get; init; }

    /// <summary>The time between two renewals of a pulse, and between two reads.</summary>
    public required long Renew { get; init; }

    /// <summary>The age of the last confirmed renewal at which workers are stopped gracefully.</summary>
    public required long Stop { get; init; }

    /// <summary>The age of the last confirmed renewal at which workers are killed.</summary>
    public required long Kill { get; init; }

    /// <summary>How long the sessions and the numbers that they request must not have changed before ids are moved to balance the machines.</summary>
    public required long Calm { get; init; }

    public static ClusterTimes Of(TimeSpan lease)
    {
        var milliseconds = (long)lease.TotalMilliseconds;
        return new ClusterTimes
        {
            Lease = milliseconds,
            Renew = milliseconds / 5,
            Stop = milliseconds * 2 / 3,
            Kill = milliseconds * 9 / 10,
            Calm = milliseconds * 2,
        };
    }
}
