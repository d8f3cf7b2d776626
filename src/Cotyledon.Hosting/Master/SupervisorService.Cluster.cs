using Cotyledon.Hosting.Cluster;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.DependencyInjection;

namespace Cotyledon.Hosting.Master;

/// <summary>The part of the program in its cluster.</summary>
internal sealed partial class SupervisorService
{
    private static readonly TimeSpan ClusterLeaveTimeout = TimeSpan.FromSeconds(3);

    private bool _hasLeftCluster;

    private ClusterDriver? CreateDriver(ClusterSettings? cluster, Supervisor supervisor)
    {
        if (cluster is null)
        {
            return null;
        }

        var store = services.GetRequiredService<IClusterStore>();
        return new ClusterDriver(cluster, store, supervisor.Post, _log!.Write, clock);
    }

    /// <summary>Waits until the worker ids were given back. If the store does not answer, the lease ends by itself.</summary>
    private void LeaveCluster(Supervisor supervisor)
    {
        var hasLease = supervisor.Read((state, _) => BootClock.Now < state.LeaseEnd);
        if (_cluster is { } cluster && hasLease && !Interlocked.Exchange(ref _hasLeftCluster, true) && !cluster.WaitUntilLeft(ClusterLeaveTimeout))
        {
            Log.ClusterNotLeft(_logger, ClusterLeaveTimeout);
        }
    }

    private IEnumerable<HealthIssue> ClusterIssues => _cluster is { } cluster
        ? ClusterReport.IssuesOf(cluster, _supervisor!.Read((state, _) => state.Services.ConvertAll(s => s.Name)))
        : [];

    private ClusterOverview? ClusterOf(SupervisorState state) => _cluster is not { } cluster ? null : ClusterReport.Of(
        cluster, state.LeaseEnd == 0 ? null : TimeSpan.FromMilliseconds(state.LeaseEnd - BootClock.Now), clock.GetUtcNow());
}
