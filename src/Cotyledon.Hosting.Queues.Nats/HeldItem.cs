namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>What has to be known of an item that the server has given to this master.</summary>
/// <param name="sequence">Its number in the stream.</param>
/// <param name="stored">When it was stored: tells it from the same number in a stream that was made anew.</param>
/// <param name="reply">Where the server hears what became of it.</param>
/// <param name="saidAt">When the server last gave it, or heard of it.</param>
internal sealed class HeldItem(long sequence, DateTimeOffset stored, string reply, long saidAt)
{
    public long Sequence { get; } = sequence;

    public DateTimeOffset Stored { get; } = stored;

    public string Reply { get; set; } = reply;

    public long SaidAt { get; set; } = saidAt;
}
