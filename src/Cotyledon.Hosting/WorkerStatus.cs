namespace Cotyledon.Hosting;

/// <summary>Describes the present state of a worker id of a service.</summary>
public sealed record WorkerStatus
{
    /// <summary>Gets the worker id.</summary>
    public required int WorkerId { get; init; }

    /// <summary>Gets the process id of the present worker.</summary>
    /// <value><see langword="null"/> if there is no process.</value>
    public int? ProcessId { get; init; }

    /// <summary>Gets the state.</summary>
    public required WorkerState State { get; init; }

    /// <summary>Gets the incarnation of the present or the last process of this program with this worker id (<see cref="IWorkerContext.Incarnation"/>).</summary>
    /// <value>0 if there was none.</value>
    public long Incarnation { get; init; }

    /// <summary>Gets the time at which the present process was started.</summary>
    /// <value><see langword="null"/> if there is no process.</value>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Gets the time since which the present worker is ready.</summary>
    /// <value><see langword="null"/> if there is no process, or if it has not been ready yet.</value>
    public DateTimeOffset? ReadySince { get; init; }

    /// <summary>Gets the time of the next start.</summary>
    /// <value>Set if the state is <see cref="WorkerState.BackingOff"/>, otherwise <see langword="null"/>.</value>
    public DateTimeOffset? NextStartAt { get; init; }

    /// <summary>Gets whether the worker runs with older settings than the accepted ones.</summary>
    /// <value>
    /// <see langword="true"/> from a change of values outside section <c>Cotyledon</c> until the worker has been reloaded or replaced, so also if
    /// that failed, and if the <see cref="ReloadMethod"/> of its service is <see cref="ReloadMethod.None"/>; and until the worker is replaced
    /// because <see cref="CotyledonWorkerOptions.Environment"/> or <see cref="CotyledonWorkerOptions.Nice"/> has changed.
    /// <see langword="false"/> while the process has no worker id.
    /// </value>
    public bool IsOutdated { get; init; }

    /// <summary>Gets the number of restarts after an exit that the master had not requested.</summary>
    public int Restarts { get; init; }

    /// <summary>Gets how the previous worker with this id exited.</summary>
    /// <value><see langword="null"/> if there was none.</value>
    public WorkerExit? LastExit { get; init; }

    /// <summary>Gets the program that holds the worker id, if its service has <see cref="WorkerScope.Cluster"/>.</summary>
    /// <value><see langword="null"/> if no program holds it, or if that is not known.</value>
    public ClusterProgram? Holder { get; init; }

    /// <summary>Gets whether the process runs another build of the program than the master.</summary>
    /// <value><see langword="false"/> also if there is no process, or if it has not connected yet.</value>
    public bool IsOtherBuild { get; init; }
}
