using Cotyledon.Hosting.Queues.Configuration;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>The sizes that both ends of a connection keep to, in bytes.</summary>
/// <remarks>
/// Every sender splits what it has into parts of <see cref="MaxPart"/>; a part is larger only where it has a single item. So no frame
/// reaches <see cref="MaxFrame"/>, which is what a reader accepts.
/// </remarks>
internal static class FrameLimits
{
    /// <summary>Larger batches are split, so that other frames are not delayed.</summary>
    public const int MaxPart = 1024 * 1024;

    public const int MaxFrame = QueueOptionsSetup.LargestItem + MaxPart;

    /// <summary>Items that the master holds for one worker until the queue has accepted them.</summary>
    public const long MaxEnqueues = 8 * MaxPart;

    /// <summary>Answers to all other requests that the master prepares for one worker.</summary>
    public const long MaxQuestions = 4 * MaxPart;

    /// <summary>Deliveries that wait for one worker to read them. Beyond it the items stay in the queue.</summary>
    public const long MaxUnsent = 16 * MaxPart;

    /// <summary>A worker that keeps asking and never reads is disconnected at this size.</summary>
    public const long MaxUnread = 512 * MaxPart;

    /// <summary>The ids in one request that names dead items.</summary>
    public const int MaxIds = 64 * 1024;

    /// <summary>What one request costs the master beside its items.</summary>
    private const int RequestOverhead = 256;

    /// <summary>What one item costs beside its body: on the wire, and in memory.</summary>
    private const int ItemOverhead = 64;

    public static long Request(long bytes = 0) => RequestOverhead + bytes;

    public static long Item(ReadOnlyMemory<byte> body) => ItemOverhead + body.Length;

    public static long Items(ReadOnlyMemory<byte>[] bodies) => bodies.Sum(Item);

    /// <summary>The part that begins at <paramref name="begin"/>, of at least one item: its end, and its size.</summary>
    public static (int End, long Size) Part<T>(IReadOnlyList<T> items, int begin, Func<T, ReadOnlyMemory<byte>> body)
    {
        var size = Item(body(items[begin]));
        for (var end = begin + 1; end < items.Count; end++)
        {
            var next = Item(body(items[end]));
            if (size + next > MaxPart)
            {
                return (end, size);
            }

            size += next;
        }

        return (items.Count, size);
    }
}
