using Cotyledon.Hosting.Channel;

namespace Cotyledon.Hosting.Worker;

/// <summary>What ties the run of a service to its master: the lifeline of a worker process, or a worker inside the master.</summary>
internal interface IMasterLink
{
    void Say(Frame frame);

    /// <summary>
    /// The worker leaves for this reason, unless it leaves already: arms the deadline, tells the master where it does not know,
    /// and has the service stopped.
    /// </summary>
    /// <returns>Whether this was the first reason.</returns>
    bool Leave(StopCause cause);

    /// <summary>The service has failed on its way out, or has given an exit code of its own, which counts more than that of the stop.</summary>
    /// <param name="exitCode">The exit code.</param>
    /// <param name="reason">Why it leaves, or <see langword="null"/> where the reason stays what it was.</param>
    /// <param name="detail">More about the reason.</param>
    void LeaveWith(int exitCode, WorkerExitReason? reason, string detail);
}
