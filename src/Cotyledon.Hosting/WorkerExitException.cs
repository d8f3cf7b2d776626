namespace Cotyledon.Hosting;

/// <summary>Ends the worker with an exit code. Thrown by a service in its start, run, reload or stop.</summary>
/// <remarks>
/// The exit has the reason <see cref="WorkerExitReason.Exited"/>. If the worker was told to stop before, the exit keeps the reason of that stop.
/// </remarks>
/// <param name="exitCode">The exit code of the worker process, 0 to 255.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="exitCode"/> is not between 0 and 255, the exit codes of
/// processes on Unix.</exception>
public sealed class WorkerExitException(int exitCode) : Exception($"The worker exits with code {exitCode}.")
{
    /// <summary>Gets the exit code of the worker process.</summary>
    public int ExitCode { get; } = exitCode is >= 0 and <= 255
        ? exitCode
        : throw new ArgumentOutOfRangeException(nameof(exitCode), exitCode, "An exit code must be from 0 to 255.");
}
