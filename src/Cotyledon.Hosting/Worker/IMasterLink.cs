using Cotyledon.Hosting.Channel;

namespace Cotyledon.Hosting.Worker;

/// <summary>
/// The connection of a running service to its master: the lifeline of a worker process, or a worker in the master's process.
/// </summary>
internal interface IMasterLink
{
    void Say(Frame frame);

    /// <summary>
    /// Makes the worker leave, unless it is leaving already: starts the graceful timeout, sends the reason to the master if the master does
    /// not know it, and stops the service.
    /// </summary>
    /// <returns>Whether the worker was not leaving before.</returns>
    bool Leave(StopCause cause);

    /// <summary>
    /// Sets the exit code of a leaving worker whose service has failed or has thrown a <see cref="WorkerExitException"/>. Has no effect if
    /// an earlier failure has set one. A <paramref name="reason"/> of <see langword="null"/> keeps the reason of the stop cause.
    /// </summary>
    void ReportExit(int exitCode, WorkerExitReason? reason, string detail);
}
