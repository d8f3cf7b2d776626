namespace Cotyledon.Hosting;

/// <summary>What a slot (service and worker id) is doing.</summary>
/// <param name="WorkerId">The worker's number within its service.</param>
/// <param name="ProcessId">Its process, or <see langword="null"/> when there is none.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Incarnation">How often the slot has been filled, counting the present worker; 0 before the first time.</param>
/// <param name="StartedAt">When the present process was started, or <see langword="null"/>.</param>
/// <param name="Restarts">How often the slot was filled again after a worker had left that nobody had asked to leave.</param>
/// <param name="LastExit">How the slot's previous worker left, or <see langword="null"/>.</param>
public sealed record WorkerStatus(
    int WorkerId,
    int? ProcessId,
    WorkerState State,
    int Incarnation,
    DateTimeOffset? StartedAt,
    int Restarts,
    WorkerExit? LastExit)
{
    /// <summary>Whether the worker was started from another build of the program than the master: its files were exchanged since.</summary>
    /// <value><see langword="false"/> where there is no process, or it has not connected yet.</value>
    public bool IsOtherBuild { get; init; }
}
