using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Observability;

/// <summary>Reports queues that do not work at present, for example because the server is unavailable or the disk is full.</summary>
/// <remarks>A class of its own: if the registry were registered under two service types, the container would dispose of it twice.</remarks>
internal sealed class QueueHealthIssues(QueueRegistry queues) : IHealthIssueSource
{
    public IEnumerable<HealthIssue> HealthIssues =>
        from queue in queues.Present
        let problem = queue.HealthIssue
        where problem is not null
        select new HealthIssue { Key = $"Queues:{queue.Name}", Subject = $"queue '{queue.Name}'", Problem = problem };
}
