using System.Diagnostics;
using Cotyledon.Hosting.Queues.Configuration;
using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>
/// Decides which consumer gets which item, and the outcome of each item. It is deterministic, and changes its state in place. It has no clock, no
/// input or output, and no lock. Its decisions are in <see cref="QueueConsumer.Outgoing"/> of the consumers and in <see cref="Outcomes"/>.
/// </summary>
/// <remarks>
/// An item is in one state at any time: waiting (new, returned, or suspect), delayed, taken by one consumer, or settled. Older items are
/// delivered first. The items that a process held when it died are suspects: each of them is delivered to a process that holds no other
/// item of this queue. So an item that kills its workers uses up at most one attempt of each other item of this queue. If the workers also read other queues,
/// the items that they hold from those queues become suspects there each time.
/// </remarks>
internal sealed partial class DeliveryState(int? maxAttempts, TimeSpan? leaseTimeout)
{
    /// <summary>The longest delay of an abandoned item. Longer requests of a worker are reduced to it.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(30);

    private readonly Queue<QueueItem> _new = new();
    private readonly PriorityQueue<QueueItem, long> _returned = new();
    private readonly PriorityQueue<QueueItem, long> _suspects = new();
    private readonly PriorityQueue<QueueItem, TimeSpan> _delayed = new();
    private readonly List<QueueConsumer> _consumers = [];
    private readonly Queue<QueueConsumer> _readyQueue = new();
    private TimeSpan? _nextLeaseCheck;

    /// <summary>The outcomes of items, for the store. The caller clears the list.</summary>
    public List<(QueueItem Item, QueueOutcome Outcome)> Outcomes { get; } = [];

    public int Waiting => _new.Count + _returned.Count + _suspects.Count;

    public int Delayed => _delayed.Count;

    public int Taken { get; private set; }

    public long Completed { get; private set; }

    public long Redelivered { get; private set; }

    /// <summary>The number of items that consumers can take now, without the items that wait already.</summary>
    public long Demand => Math.Max(0, _consumers.Sum(c => c.Room > 0 ? c.Credit : 0L) - Waiting);

    /// <summary>The time at which <see cref="PassTime"/> has to be called next.</summary>
    public TimeSpan? NextDeadline =>
        _delayed.TryPeek(out _, out var due) && !(_nextLeaseCheck < due) ? due : _nextLeaseCheck;

    /// <summary>
    /// Adds an item. An item that is too large for a frame becomes dead, because no process can receive it. Only another program can have
    /// stored it.
    /// </summary>
    public void Add(QueueItem item)
    {
        if (item.Body.Length > QueueOptionsSetup.LargestItem)
        {
            Outcomes.Add((item, QueueOutcome.Dead));
        }
        else
        {
            _new.Enqueue(item);
        }
    }

    public QueueConsumer Connect(IDeliverySink sink)
    {
        var consumer = new QueueConsumer(sink);
        _consumers.Add(consumer);
        return consumer;
    }

    public void Grant(QueueConsumer consumer, int count)
    {
        consumer.Credit = (int)Math.Min((long)consumer.Credit + count, int.MaxValue);
        PutInReadyQueue(consumer);
    }

    public static void Revoke(QueueConsumer consumer) => consumer.Credit = 0;

    /// <summary>Settles an item for a consumer. Has no effect if the consumer does not hold the item any more.</summary>
    public void Settle(QueueConsumer consumer, long id, Settlement settlement, TimeSpan delay, TimeSpan now)
    {
        if (!consumer.Taken.TryGetValue(id, out var item))
        {
            return;
        }

        Detach(item);
        switch (settlement)
        {
            case Settlement.Complete:
                Completed++;
                Outcomes.Add((item, QueueOutcome.Completed));
                break;
            case Settlement.Abandon:
                item.IsSuspect = false;
                BringBack(item, delay > TimeSpan.Zero ? now + (delay < MaxDelay ? delay : MaxDelay) : null);
                break;
            case Settlement.Release:
                item.Attempts--;
                Return(item);
                break;
            case Settlement.MarkDead:
                Outcomes.Add((item, QueueOutcome.Dead));
                break;
            default:
                throw new UnreachableException($"Settlement {settlement} was not checked.");
        }
    }

    /// <summary>Removes a consumer whose connection has ended. Its items become suspects.</summary>
    public void Disconnect(QueueConsumer consumer)
    {
        consumer.IsGone = true;
        consumer.Credit = 0;
        _consumers.Remove(consumer);
        RemoveFromReadyQueue(consumer);
        var items = consumer.Taken.Values.ToList();
        foreach (var item in items)
        {
            Detach(item);
            item.IsSuspect = true;
            if (items.Count > 1)
            {
                // It is not known which of the items was being handled, so the limit of attempts is not applied.
                Return(item);
            }
            else
            {
                BringBack(item, due: null);
            }
        }
    }

    /// <summary>Returns items whose delay is over, and items whose lease has expired.</summary>
    public void PassTime(TimeSpan now)
    {
        while (_delayed.TryPeek(out var item, out var due) && due <= now)
        {
            _delayed.Dequeue();
            Return(item);
        }

        if (_nextLeaseCheck <= now)
        {
            _nextLeaseCheck = null;
            EndLeases(now);
        }
    }

    private void Detach(QueueItem item)
    {
        var consumer = item.Holder!;
        consumer.Taken.Remove(item.Id);
        item.Holder = null;
        Taken--;
        if (consumer.HasSuspect)
        {
            consumer.HasSuspect = false;
            PutInReadyQueue(consumer);
        }
    }

    /// <summary>Returns an item after an attempt. At the limit of attempts the item becomes dead instead.</summary>
    private void BringBack(QueueItem item, TimeSpan? due)
    {
        if (item.Attempts >= maxAttempts)
        {
            Outcomes.Add((item, QueueOutcome.Dead));
            return;
        }

        Outcomes.Add((item, QueueOutcome.Returned));
        if (due is { } later)
        {
            _delayed.Enqueue(item, later);
        }
        else
        {
            Return(item);
        }
    }

    private void Return(QueueItem item) => (item.IsSuspect ? _suspects : _returned).Enqueue(item, item.Id);

    /// <summary>Scans the taken items instead of keeping a timer for each: most items are completed long before their lease ends.</summary>
    private void EndLeases(TimeSpan now)
    {
        foreach (var consumer in _consumers)
        {
            foreach (var item in consumer.Taken.Values.Where(i => now - i.TakenAt >= leaseTimeout).ToList())
            {
                Detach(item);
                BringBack(item, due: null);
            }
        }
    }
}
