namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>An item in the master.</summary>
internal sealed class QueueItem(long id, ReadOnlyMemory<byte> body)
{
    /// <summary>The number of the item. Later items have larger numbers.</summary>
    public long Id { get; } = id;

    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <summary>The number of deliveries.</summary>
    public int Attempts { get; set; }

    /// <summary>
    /// True if a process died while it held the item. The item is next delivered to a process that holds no other item, so that the item
    /// that kills its workers can be identified.
    /// </summary>
    public bool IsSuspect { get; set; }

    public QueueConsumer? Holder { get; set; }

    public TimeSpan TakenAt { get; set; }

    /// <summary>The data of the store about this item.</summary>
    public object? Tag { get; init; }
}
