using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>One process that takes items of a queue. Only <see cref="DeliveryState"/> changes it.</summary>
internal sealed class QueueConsumer(IDeliverySink sink)
{
    public IDeliverySink Sink { get; } = sink;

    /// <summary>How many more items it can be given.</summary>
    public int Credit { get; set; }

    /// <summary>How many bytes of items it can be sent. The last item may exceed it.</summary>
    public long Room { get; set; }

    public Dictionary<long, QueueItem> Taken { get; } = [];

    /// <summary>True while it holds a suspect; no other item is assigned to it.</summary>
    public bool HasSuspect { get; set; }

    /// <summary>True while it is in the queue of consumers that can be given items.</summary>
    public bool IsInReadyQueue { get; set; }

    public bool IsGone { get; set; }

    /// <summary>The items that were assigned to it and have not been passed to its sink.</summary>
    public List<QueueItem> Outgoing { get; } = [];
}
