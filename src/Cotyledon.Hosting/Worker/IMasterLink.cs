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

    /// <summary>What the service did on its way out counts more than what it was told: an exception, or a code of its own.</summary>
    void LeaveWith(int exitCode, WorkerExitReason reason, string detail);
}
