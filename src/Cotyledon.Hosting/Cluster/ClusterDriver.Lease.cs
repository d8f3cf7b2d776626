using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Cluster;

/// <summary>The lease, as the supervisor and the workers know it.</summary>
internal sealed partial class ClusterDriver
{
    /// <summary>The end of the lease; <see langword="null"/> before the first one, and after the end was reported.</summary>
    private long? _leaseEnd;

    private void ReportExpiry(long now)
    {
        if (now >= _leaseEnd)
        {
            _leaseEnd = null;
            _report(new SupervisorMessage.LeaseExpired());
        }
    }

    private SupervisorMessage.SlotRevoked Describe(ClusterAction.Revoke revoke)
    {
        var isLost = revoke.Reason == RevokeReason.SessionLost;
        var cause = revoke.Reason switch
        {
            RevokeReason.LeaseEnds when _leaseEnd is null => "the lease has ended; the process or the machine may have been paused",
            RevokeReason.LeaseEnds when _problem.Current is not null => "the lease is about to end, and the cluster store cannot be used",
            RevokeReason.LeaseEnds => "the lease is about to end, because it was not renewed in time",
            RevokeReason.SessionLost => "another machine has declared this one dead",
            RevokeReason.FewerWorkers => "the cluster needs fewer workers, or this machine may run fewer",
            RevokeReason.Balance => "it moves to a machine that has fewer workers",
            _ => "the program stops",
        };
        return new SupervisorMessage.SlotRevoked(
            revoke.Service,
            revoke.Id,
            revoke.Number,
            isLost,
            isLost || revoke.Reason == RevokeReason.LeaseEnds ? WorkerExitReason.LeaseEnded : WorkerExitReason.Stopped,
            cause);
    }
}
