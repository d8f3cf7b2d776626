using System.Collections.Concurrent;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>One queue of one worker's connection, in the master.</summary>
internal sealed class WorkerQueue : IDeliverySink
{
    private readonly FrameStream _frames;
    private readonly ConcurrentQueue<WorkerQueue> _withoutRoom;
    private int _isWithoutRoom;

    /// <summary>Connects to the broker. The queues in <paramref name="withoutRoom"/> are pumped when the worker has read some deliveries.</summary>
    public WorkerQueue(QueueBroker broker, ushort number, FrameStream frames, ConcurrentQueue<WorkerQueue> withoutRoom)
    {
        (_frames, _withoutRoom) = (frames, withoutRoom);
        Broker = broker;
        Number = number;
        Consumer = broker.Connect(this);
    }

    public QueueBroker Broker { get; }

    public ushort Number { get; }

    public QueueConsumer Consumer { get; }

    public long Room
    {
        get
        {
            if (Left <= 0 && Interlocked.Exchange(ref _isWithoutRoom, 1) == 0)
            {
                _withoutRoom.Enqueue(this);
            }

            // Read again: bytes that were sent before this queue was added above have not caused a pump.
            return Left;
        }
    }

    private long Left => FrameLimits.MaxUnsent - _frames.Unsent;

    /// <summary>Called when this queue was removed from the queues without room, before it is pumped.</summary>
    public void OnDequeued() => Volatile.Write(ref _isWithoutRoom, 0);

    public void Deliver(IReadOnlyList<QueueItem> items)
    {
        for (int begin = 0, end; begin < items.Count; begin = end)
        {
            (end, _) = FrameLimits.Part(items, begin, static i => i.Body);
            _frames.Write(
                FrameKind.Items, Number, (items, begin, end), static (frame, part) => frame.Items(part.items, part.begin, part.end));
        }
    }

    public void Flush() => _frames.Flush();
}
