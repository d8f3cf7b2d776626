using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting;

/// <summary>Describes how a worker exited. There is exactly one for each process that was started.</summary>
public sealed record WorkerExit
{
    /// <summary>Gets the name of the service.</summary>
    /// <value><c>(spare)</c> if the process is a spare worker, which belongs to no service yet. No service can have this name.</value>
    public required string Service { get; init; }

    /// <summary>Gets whether the process is a spare worker. Its <see cref="WorkerId"/> is then its number among the spare workers.</summary>
    public bool IsSpare => Service == SupervisorState.SpareName;

    /// <summary>Gets the worker id, from 0 to the number of workers of the service minus one.</summary>
    public required int WorkerId { get; init; }

    /// <summary>Gets the incarnation of the worker: 1 for the first process with this worker id, 2 for its replacement, and so on.</summary>
    /// <value>0 if the process exited before it was assigned the worker id.</value>
    public long Incarnation { get; init; }

    /// <summary>Gets the process id.</summary>
    /// <value><see langword="null"/> if the process could not be started.</value>
    public int? ProcessId { get; init; }

    /// <summary>Gets the reason.</summary>
    public required WorkerExitReason Reason { get; init; }

    /// <summary>Gets the exit code.</summary>
    /// <value><see langword="null"/> if a signal ended the process, or if the exit code is unknown.</value>
    public int? ExitCode { get; init; }

    /// <summary>Gets the number of the signal that ended the process.</summary>
    /// <value><see langword="null"/> if no signal ended it.</value>
    public int? Signal { get; init; }

    /// <summary>Gets the time of the exit, by the wall clock of the master.</summary>
    public DateTimeOffset ExitedAt { get; init; }

    /// <summary>Gets the time from the start of the process until its exit.</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>Gets details about the reason, such as the exception, or the error of a failed start.</summary>
    public string? Message { get; init; }

    /// <summary>Gets the last lines that the process wrote to its standard error.</summary>
    /// <value>
    /// At most 20 lines and 4 KiB. If the stack trace of an unhandled exception is longer, its first lines come before them, up to 1 KiB more.
    /// </value>
    public IReadOnlyList<string> StandardErrorTail { get; init; } = [];

    /// <summary>Gets the delay until the replacement is started.</summary>
    /// <value><see cref="TimeSpan.Zero"/> if it starts at once; <see langword="null"/> if there is none.</value>
    public TimeSpan? NextStart { get; init; }
}
