namespace Cotyledon.Hosting.Cluster;

/// <summary>An action that <see cref="ClusterMember"/> requests.</summary>
internal abstract record ClusterAction
{
    private ClusterAction()
    {
    }

    /// <summary>Read all records. The answer is given to <see cref="ClusterMember.OnRead"/>, also if it fails.</summary>
    public sealed record Read(long Number) : ClusterAction;

    /// <summary>
    /// Write a pulse, or delete it if there is no value, if the record has the expected revision; 0 if it must not exist. The answer is given to
    /// <see cref="ClusterMember.OnWritten"/>, also if it is unknown.
    /// </summary>
    public sealed record WritePulse(long Number, string Session, Pulse? Value, long ExpectedRevision) : ClusterAction;

    /// <summary>Write a roster, under the same conditions.</summary>
    public sealed record WriteRoster(long Number, Roster Value, long ExpectedRevision) : ClusterAction;

    /// <summary>Workers may run until this time, if the lease is not extended again.</summary>
    public sealed record ExtendLease(long KillAt) : ClusterAction;

    /// <summary>
    /// Run a worker with this id. Its incarnation is at least the first one, less than that plus <see cref="RosterId.Block"/>, and greater than any
    /// that was used before. If no worker can run, or no incarnation is left, call <see cref="ClusterMember.Return"/>.
    /// </summary>
    public sealed record Grant(string Service, int Id, long Number, long FirstIncarnation) : ClusterAction;

    /// <summary>
    /// Stop the worker of the grant with this number, and call <see cref="ClusterMember.OnVacant"/> when its process is gone and none follows.
    /// </summary>
    public sealed record Revoke(string Service, int Id, long Number, RevokeReason Reason) : ClusterAction;
}

/// <summary>Why a machine gives an id back.</summary>
internal enum RevokeReason
{
    /// <summary>The lease is about to end, because it was not renewed in time.</summary>
    LeaseEnds,

    /// <summary>The session was declared dead, so another machine may run the id: the worker is killed at once.</summary>
    SessionLost,

    /// <summary>The cluster needs fewer workers, or this machine may run fewer.</summary>
    FewerWorkers,

    /// <summary>Another machine has fewer workers.</summary>
    Balance,

    /// <summary>The program stops.</summary>
    Leaving,
}

/// <summary>The outcome of a write.</summary>
internal enum WriteOutcome
{
    /// <summary>The record was written.</summary>
    Written,

    /// <summary>The record has another revision, so it was not written.</summary>
    Conflict,

    /// <summary>There was no answer. The record may have been written, or may be written later.</summary>
    Unknown,
}
