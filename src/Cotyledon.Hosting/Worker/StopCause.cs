namespace Cotyledon.Hosting.Worker;

/// <summary>Why a worker leaves.</summary>
/// <param name="ExitCode">The exit code, unless the service's end says otherwise; null for what the program itself has set.</param>
/// <param name="Reason">What the master is told; null where it knows, or is gone.</param>
/// <param name="Detail">More about it, for the exit record.</param>
internal sealed record StopCause(int? ExitCode, WorkerExitReason? Reason = null, string? Detail = null)
{
    /// <summary>The master asked.</summary>
    public static readonly StopCause Told = new(ExitCode: 0);

    /// <summary>Somebody sent SIGTERM to this process.</summary>
    public static readonly StopCause Terminated = new(ExitCode: 0, WorkerExitReason.Terminated);

    public static readonly StopCause MasterGone = new(ExitCode: 3);

    /// <summary>The program called <c>IHostApplicationLifetime.StopApplication</c> in the worker.</summary>
    public static readonly StopCause HostStopped =
        new(ExitCode: null, WorkerExitReason.Exited, "The program stopped the host of the worker.");

    public static StopCause Threw(Exception exception) => exception is WorkerExitException exit
        ? new(exit.ExitCode, WorkerExitReason.Exited, exit.Message)
        : new(ExitCode: 2, WorkerExitReason.Faulted, ExceptionText.Of(exception));
}
