using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Health;
using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Observability;

/// <summary>Queues whose server is away, or whose disk is full.</summary>
/// <remarks>Not the registry itself: a container disposes of what it hands out under two names twice.</remarks>
internal sealed class QueueHealthIssues(QueueRegistry queues) : IHealthIssueSource
{
    public IEnumerable<HealthIssue> HealthIssues =>
        from queue in queues.Present
        let problem = queue.HealthIssue
        where problem is not null
        select new HealthIssue { Key = $"Queues:{queue.Name}", Subject = $"queue '{queue.Name}'", Problem = problem };
}
