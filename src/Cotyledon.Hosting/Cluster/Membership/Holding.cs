namespace Cotyledon.Hosting.Cluster;

/// <summary>The state of an id that a session holds, or tries to claim or to release.</summary>
internal sealed class Holding
{
    /// <summary>Whether a claim was confirmed, and no release was sent since.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The claim or release that was sent last, until it is confirmed. Only while <see cref="IsHeld"/> is not set.</summary>
    public Attempt? Attempt { get; set; }

    /// <summary>The first incarnation of the confirmed claim.</summary>
    public long Incarnation { get; set; }

    public WorkerPhase Worker { get; set; }

    /// <summary>The number of the last grant.</summary>
    public long GrantNumber { get; set; }

    public HoldingPlan Plan { get; set; }
}

/// <summary>The state of the worker with an id.</summary>
internal enum WorkerPhase
{
    /// <summary>No process.</summary>
    None,

    /// <summary>A worker may run.</summary>
    Granted,

    /// <summary>The worker was told to stop, and its process may still exist.</summary>
    Stopping,
}

/// <summary>What this session plans to do with a holding.</summary>
internal enum HoldingPlan
{
    Keep,

    /// <summary>It is to be released, because fewer ids are needed here. May become <see cref="Keep"/> again.</summary>
    Release,

    /// <summary>It is to be released for another machine.</summary>
    Move,

    /// <summary>It is not ours any more, so it needs no release.</summary>
    Lost,
}

/// <summary>An attempt to claim or to release an id.</summary>
internal sealed class Attempt(bool isClaim, long incarnation)
{
    public bool IsClaim => isClaim;

    public long Incarnation => incarnation;
}

/// <summary>The ids of one service.</summary>
internal sealed class ServiceHoldings
{
    public SortedDictionary<int, Holding> Ids { get; } = [];

    /// <summary>Since when, on the clock of this machine, ids are free.</summary>
    public Dictionary<int, long> FreeSince { get; set; } = [];

    /// <summary>The most ids that this machine offers to hold, because it could not run more, until <see cref="LimitUntil"/>.</summary>
    public int Limit { get; set; }

    public long LimitUntil { get; set; } = long.MinValue;

    /// <summary>The owners in the last view.</summary>
    public string[] Owners { get; set; } = [];

    /// <summary>The time before which no id is moved to balance the machines.</summary>
    public long BalanceAfter { get; set; } = long.MinValue;
}
