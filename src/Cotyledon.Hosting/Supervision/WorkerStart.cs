namespace Cotyledon.Hosting.Supervision;

/// <summary>How a process came to its slot, or failed to.</summary>
/// <param name="Elapsed">Since its start; for a spare, since it was given to the slot.</param>
/// <param name="Waited">How long of that it only waited for its predecessor to leave.</param>
/// <param name="WasSpare">Whether it had been started before anybody needed it.</param>
/// <param name="Outage">What it ends, where the slot had a worker before.</param>
internal sealed record WorkerStart(TimeSpan Elapsed, TimeSpan Waited, bool WasSpare, WorkerOutage? Outage);

/// <summary>A slot had no worker that works.</summary>
/// <param name="Duration">Since the last one that worked left.</param>
/// <param name="Reason">Why that one left.</param>
internal sealed record WorkerOutage(TimeSpan Duration, WorkerExitReason Reason);
