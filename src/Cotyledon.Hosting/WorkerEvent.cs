using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting;

/// <summary>Describes a change in the life of a worker. See <see cref="ICotyledonManager.WatchAsync(CancellationToken)"/>.</summary>
public sealed record WorkerEvent
{
    /// <summary>Gets the number of the event. The first event of a master has number 1, and numbers increase by 1.</summary>
    public long Number { get; init; }

    /// <summary>Gets the time of the event, by the wall clock of the master.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the kind of the event.</summary>
    public required WorkerEventKind Kind { get; init; }

    /// <summary>Gets the name of the service.</summary>
    /// <value><c>(spare)</c> if the process is a spare worker, which belongs to no service yet. No service can have this name.</value>
    public required string Service { get; init; }

    /// <summary>Gets whether the process is a spare worker. Its <see cref="WorkerId"/> is then its number among the spare workers.</summary>
    public bool IsSpare => Service == SupervisorState.SpareName;

    /// <summary>Gets the worker id.</summary>
    public required int WorkerId { get; init; }

    /// <summary>Gets the incarnation of the worker.</summary>
    /// <value>0 while the process has not been assigned the worker id.</value>
    public long Incarnation { get; init; }

    /// <summary>Gets the process id.</summary>
    /// <value><see langword="null"/> if there is no process.</value>
    public int? ProcessId { get; init; }

    /// <summary>Gets how the worker exited.</summary>
    /// <value>Set for <see cref="WorkerEventKind.Exited"/> and <see cref="WorkerEventKind.GaveUp"/>, otherwise <see langword="null"/>.</value>
    public WorkerExit? Exit { get; init; }
}
