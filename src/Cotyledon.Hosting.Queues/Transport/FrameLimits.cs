using Cotyledon.Hosting.Queues.Configuration;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>The limits of both ends of a connection, in bytes.</summary>
/// <remarks>
/// Every sender splits its items into parts of at most <see cref="MaxPart"/>; a part is larger only if it has a single item. So no frame
/// exceeds <see cref="MaxFrame"/>, the largest frame that a reader accepts.
/// </remarks>
internal static class FrameLimits
{
    /// <summary>Larger batches are split, so that other frames are not delayed.</summary>
    public const int MaxPart = 1024 * 1024;

    public const int MaxFrame = QueueOptionsSetup.LargestItem + MaxPart;

    /// <summary>The items that the master holds for one worker until the queue has accepted them.</summary>
    public const long MaxEnqueues = 8 * MaxPart;

    /// <summary>The answers to all other requests that the master prepares for one worker.</summary>
    public const long MaxQuestions = 4 * MaxPart;

    /// <summary>The deliveries that one worker has not read yet. At this limit, items stay in the queue.</summary>
    public const long MaxUnsent = 16 * MaxPart;

    /// <summary>A worker that sends requests and does not read answers is disconnected at this size.</summary>
    public const long MaxUnread = 512 * MaxPart;

    /// <summary>The largest number of ids in one <see cref="FrameKind.RetryDead"/> or <see cref="FrameKind.DeleteDead"/> request.</summary>
    public const int MaxIds = 64 * 1024;

    /// <summary>The memory of one request in the master, without its items.</summary>
    private const int RequestOverhead = 256;

    /// <summary>The overhead of one item, without its body, on the connection and in memory.</summary>
    private const int ItemOverhead = 64;

    public static long Request(long bytes = 0) => RequestOverhead + bytes;

    public static long Item(ReadOnlyMemory<byte> body) => ItemOverhead + body.Length;

    public static long Items(ReadOnlyMemory<byte>[] bodies) => bodies.Sum(Item);

    /// <summary>Finds the end and the size of the part that begins at <paramref name="begin"/> and has at least one item.</summary>
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
