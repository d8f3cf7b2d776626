namespace Cotyledon.Hosting;

/// <summary>Something that happened to a worker.</summary>
/// <param name="Time">When, by the wall clock of the master.</param>
/// <param name="Kind">What.</param>
/// <param name="Service">The service's name.</param>
/// <param name="WorkerId">The worker's number within its service.</param>
/// <param name="Incarnation">Which filling of the slot; 0 while the process has not been given the slot.</param>
/// <param name="ProcessId">The process, or <see langword="null"/> when there is none.</param>
/// <param name="Exit">How it left, with <see cref="WorkerEventKind.Exited"/> and <see cref="WorkerEventKind.GaveUp"/>.</param>
public sealed record WorkerEvent(
    DateTimeOffset Time,
    WorkerEventKind Kind,
    string Service,
    int WorkerId,
    int Incarnation,
    int? ProcessId,
    WorkerExit? Exit = null);
