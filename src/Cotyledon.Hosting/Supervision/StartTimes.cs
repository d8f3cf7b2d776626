namespace Cotyledon.Hosting.Supervision;

/// <summary>The successful or failed start of a worker.</summary>
/// <param name="Elapsed">The time since the process was started, or since a spare was taken.</param>
/// <param name="Waited">The part of that time in which it waited for the exit of the old worker.</param>
/// <param name="WasSpare">Whether it was a spare.</param>
/// <param name="Outage">The outage that the start ends, if the slot had a worker before.</param>
internal sealed record StartTimes(TimeSpan Elapsed, TimeSpan Waited, bool WasSpare, WorkerOutage? Outage);

/// <summary>A time in which a slot had no ready worker, and the reason for the exit with which it began.</summary>
internal sealed record WorkerOutage(TimeSpan Duration, WorkerExitReason Reason);
