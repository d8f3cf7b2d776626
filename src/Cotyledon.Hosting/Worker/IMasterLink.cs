using Cotyledon.Hosting.Channel;

namespace Cotyledon.Hosting.Worker;

/// <summary>
/// The connection of a running service to its master: the lifeline of a worker process, or a worker in the master's process.
/// </summary>
internal interface IMasterLink
{
    /// <summary>Sends a message to the master.</summary>
    void Say(Frame frame);

    /// <summary>
    /// Makes the worker leave, unless it is leaving already: starts the graceful timeout, sends the reason to the master if the master does
    /// not know it, and stops the service.
    /// </summary>
    /// <returns>Whether the worker was not leaving before.</returns>
    bool Leave(StopCause cause);

    /// <summary>
    /// Sets the exit code of a leaving worker whose service has failed or has thrown a <see cref="WorkerExitException"/>. Has no effect if
    /// an earlier failure has set one.
    /// </summary>
    /// <param name="exitCode">The exit code, which replaces that of the stop cause.</param>
    /// <param name="reason">The new reason for the exit, or <see langword="null"/> to keep the reason.</param>
    /// <param name="detail">The message for the exit record.</param>
    void LeaveWith(int exitCode, WorkerExitReason? reason, string detail);
}
