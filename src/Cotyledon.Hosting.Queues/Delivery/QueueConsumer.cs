namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>One process that takes items of a queue. Belongs to <see cref="DeliveryState"/>.</summary>
internal sealed class QueueConsumer(IDeliverySink sink)
{
    public IDeliverySink Sink { get; } = sink;

    /// <summary>How many items more it wants.</summary>
    public int Credit { get; set; }

    /// <summary>How many bytes of items it can be sent; one item may go beyond it.</summary>
    public long Room { get; set; }

    public Dictionary<long, QueueItem> Taken { get; } = [];

    /// <summary>It has a suspect, and gets nothing beside it.</summary>
    public bool IsAlone { get; set; }

    /// <summary>It stands in the row of those that want items.</summary>
    public bool IsInRow { get; set; }

    public bool IsGone { get; set; }

    /// <summary>Items that it was given and that have not been passed on to it.</summary>
    public List<QueueItem> Outgoing { get; } = [];
}
