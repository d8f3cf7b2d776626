namespace Cotyledon.Hosting;

/// <summary>Describes a reload or a rolling restart that waits, runs or has completed. See <see cref="ICotyledonManager.GetOperations"/>.</summary>
public sealed record OperationStatus
{
    /// <summary>Gets the number of the operation, unique in the master and increasing in the order of the requests.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the kind of the operation.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>Gets the name of the service.</summary>
    /// <value><see langword="null"/> if the operation concerns all services.</value>
    public string? Service { get; init; }

    /// <summary>Gets the worker id.</summary>
    /// <value><see langword="null"/> if the operation concerns all workers of the service.</value>
    public int? WorkerId { get; init; }

    /// <summary>Gets who requested the operation. Several requests can share one.</summary>
    /// <value>
    /// Each is <c>code</c>, <c>file change</c>, <c>SIGHUP</c>, or the name of a worker, of a client of the control endpoint or of a user of the
    /// page. At most the first 32.
    /// </value>
    public required IReadOnlyList<string> RequestedBy { get; init; }

    /// <summary>Gets the time of the request, by the wall clock of the master.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Gets the time at which the operation has completed, by the wall clock of the master.</summary>
    /// <value><see langword="null"/> while it waits or runs.</value>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Gets the number of affected workers.</summary>
    /// <value>0 while the operation waits for another one, and while a reload loads the configuration and runs the hooks.</value>
    public int Total { get; init; }

    /// <summary>Gets the number of affected workers that are done, those that failed included.</summary>
    public int Done { get; init; }

    /// <summary>Gets what happened to the affected workers, in the order of time.</summary>
    /// <value>At most the last 32 steps.</value>
    public IReadOnlyList<OperationStep> Steps { get; init; } = [];

    /// <summary>Gets the result.</summary>
    /// <value><see langword="null"/> while the operation waits or runs.</value>
    public ReloadResult? Result { get; init; }
}

/// <summary>Specifies the kind of an <see cref="OperationStatus"/>.</summary>
public enum OperationKind
{
    /// <summary>A reload of the configuration and of the workers.</summary>
    Reload = 0,

    /// <summary>A rolling restart of a service, or the restart of one worker.</summary>
    Restart = 1,
}

/// <summary>Describes what a reload or a rolling restart did to one worker.</summary>
public sealed record OperationStep
{
    /// <summary>Gets the name of the service.</summary>
    public required string Service { get; init; }

    /// <summary>Gets the worker id.</summary>
    public required int WorkerId { get; init; }

    /// <summary>Gets the kind of the step.</summary>
    public required OperationStepKind Kind { get; init; }

    /// <summary>Gets the incarnation of the worker before the operation.</summary>
    /// <value><see langword="null"/> if there was none with a worker id.</value>
    public long? OldIncarnation { get; init; }

    /// <summary>Gets the incarnation of the worker after the operation.</summary>
    /// <value><see langword="null"/> if the step has failed.</value>
    public long? NewIncarnation { get; init; }

    /// <summary>
    /// Gets the time that the worker has taken: from the command to reload, or from the start of the new process, until it was ready or has
    /// failed. The time in which the new process has waited for other workers is left out.
    /// </summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Gets the cause of the failure.</summary>
    /// <value><see langword="null"/> if the step has not failed.</value>
    public string? Failure { get; init; }
}

/// <summary>Specifies the kind of an <see cref="OperationStep"/>.</summary>
public enum OperationStepKind
{
    /// <summary>The worker has reloaded in place.</summary>
    Reloaded = 0,

    /// <summary>The worker was replaced by a new process.</summary>
    Replaced = 1,

    /// <summary>The worker was neither reloaded nor replaced.</summary>
    Failed = 2,
}
