namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>An item in the master.</summary>
internal sealed class QueueItem(long id, ReadOnlyMemory<byte> body)
{
    /// <summary>Items are numbered in their order.</summary>
    public long Id { get; } = id;

    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <summary>How often it has been taken.</summary>
    public int Attempts { get; set; }

    /// <summary>
    /// A process died that had taken it and others: any of them may be the cause. It is taken alone next time, so that who is to
    /// blame can be told from who stood beside.
    /// </summary>
    public bool IsSuspect { get; set; }

    public QueueConsumer? Holder { get; set; }

    public TimeSpan TakenAt { get; set; }

    /// <summary>What the store needs to know of it.</summary>
    public object? Tag { get; init; }
}
