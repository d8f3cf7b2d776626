namespace Cotyledon.Hosting;

/// <summary>How a worker left. There is exactly one of these for each start of a process.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="WorkerId">The worker's number within its service.</param>
/// <param name="Incarnation">Which filling of the slot it was; 0 for a process that left before it had been given the slot.</param>
/// <param name="ProcessId">Its process, or <see langword="null"/> when it could not be started.</param>
/// <param name="Reason">Why it left.</param>
/// <param name="ExitCode">The exit code, or <see langword="null"/> when a signal ended it or nobody knows.</param>
/// <param name="Signal">The number of the signal that ended it, or <see langword="null"/>.</param>
/// <param name="Uptime">From the start of the process to its end.</param>
/// <param name="Message">What is known beyond the reason: the exception, or why the start failed.</param>
/// <param name="StandardErrorTail">
/// The last lines that it wrote to its standard error, at most 20 lines and 4 KiB; before them the first lines of an unhandled exception
/// where its stack trace is longer, up to 1 KiB more.
/// </param>
/// <param name="NextStart">
/// The wait until the slot is filled again: zero for at once, <see langword="null"/> when it stays empty.
/// </param>
public sealed record WorkerExit(
    string Service,
    int WorkerId,
    int Incarnation,
    int? ProcessId,
    WorkerExitReason Reason,
    int? ExitCode,
    int? Signal,
    TimeSpan Uptime,
    string? Message,
    IReadOnlyList<string> StandardErrorTail,
    TimeSpan? NextStart);
