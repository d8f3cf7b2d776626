namespace Cotyledon.Hosting;

/// <summary>Thrown from a service's run, terminate or reload: the worker leaves with this exit code.</summary>
/// <remarks>
/// A worker that leaves for this is recorded as <see cref="WorkerExitReason.Exited"/>. One that was asked to stop before keeps the reason
/// of that stop.
/// </remarks>
/// <param name="exitCode">The exit code of the worker process, 0 to 255.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="exitCode"/> is not between 0 and 255, all that a
/// process can return on Unix.</exception>
public sealed class WorkerExitException(int exitCode) : Exception($"The worker leaves with exit code {exitCode}.")
{
    /// <summary>The exit code of the worker process.</summary>
    public int ExitCode { get; } = exitCode is >= 0 and <= 255
        ? exitCode
        : throw new ArgumentOutOfRangeException(nameof(exitCode), exitCode, "An exit code is a number from 0 to 255.");
}
