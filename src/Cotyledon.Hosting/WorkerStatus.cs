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

    /// <summary>Gets the number of processes that have been assigned this worker id so far, the present one included.</summary>
    public long Incarnation { get; init; }

    /// <summary>Gets the time at which the present process was started.</summary>
    /// <value><see langword="null"/> if there is no process.</value>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Gets the number of restarts after an exit that the master had not requested.</summary>
    public int Restarts { get; init; }

    /// <summary>Gets how the previous worker with this id exited.</summary>
    /// <value><see langword="null"/> if there was none.</value>
    public WorkerExit? LastExit { get; init; }

    /// <summary>Gets whether the process runs another build of the program than the master.</summary>
    /// <value><see langword="false"/> also if there is no process, or if it has not connected yet.</value>
    public bool IsOtherBuild { get; init; }
}
