namespace Cotyledon.Hosting.Worker;

/// <summary>
/// The cause of a worker's stop. The exit code applies unless the service fails during the stop; null for the exit code that the program
/// itself sets. The reason and its detail are sent to the master, unless it knows them or is gone.
/// </summary>
internal sealed record StopCause(int? ExitCode, WorkerExitReason? Reason = null, string? Detail = null)
{
    /// <summary>The master has requested the stop.</summary>
    public static readonly StopCause Requested = new(ExitCode: 0);

    /// <summary>This process has received SIGTERM.</summary>
    public static readonly StopCause Terminated = new(ExitCode: 0, WorkerExitReason.Terminated);

    public static readonly StopCause MasterGone = new(ExitCode: 3);

    /// <summary>The program called <c>IHostApplicationLifetime.StopApplication</c> in the worker.</summary>
    public static readonly StopCause HostStopped =
        new(ExitCode: null, WorkerExitReason.Exited, "The program stopped the host of the worker.");

    public static StopCause OfException(Exception exception) => exception is WorkerExitException exit
        ? new(exit.ExitCode, WorkerExitReason.Exited, exit.Message)
        : new(ExitCode: 2, WorkerExitReason.Faulted, ExceptionText.Of(exception));
}
