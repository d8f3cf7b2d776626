namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>An item that the server has delivered to this master and that is not settled yet.</summary>
/// <param name="sequence">The number of the item in the stream.</param>
/// <param name="stored">The time at which it was stored. It distinguishes the item from one of the same number in a new stream.</param>
/// <param name="reply">The subject for messages to the server about the item.</param>
/// <param name="reportedAt">The time of the last delivery by the server, or of the last progress message to it.</param>
internal sealed class HeldItem(long sequence, DateTimeOffset stored, string reply, long reportedAt)
{
    public long Sequence { get; } = sequence;

    public DateTimeOffset Stored { get; } = stored;

    public string Reply { get; set; } = reply;

    /// <summary>Whether the stream of this item is gone, and a new stream has an item with the same number.</summary>
    public bool IsStale { get; set; }

    public long ReportedAt { get; set; } = reportedAt;
}
