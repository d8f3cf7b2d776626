using Cotyledon.Hosting.Health;
using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Observability;

/// <summary>Queues whose server is away, or whose disk is full.</summary>
/// <remarks>Not the registry itself: a container disposes of what it hands out under two names twice.</remarks>
internal sealed class QueueTroubles(QueueRegistry queues) : ITroubleSource
{
    public IEnumerable<Trouble> Troubles =>
        from queue in queues.Present
        let problem = queue.Trouble
        where problem is not null
        select new Trouble($"Queues:{queue.Name}", $"queue '{queue.Name}'", problem);
}
