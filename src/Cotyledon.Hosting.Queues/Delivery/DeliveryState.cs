using System.Diagnostics;
using Cotyledon.Hosting.Queues.Configuration;
using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Queues.Transport;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>
/// Decides which consumer gets which item, and the outcome of each item. It is deterministic, and changes its state in place. It has no clock, no
/// input or output, and no lock. Its decisions are in <see cref="QueueConsumer.Outgoing"/> of the consumers and in <see cref="Outcomes"/>.
/// </summary>
/// <remarks>
/// An item is in one state at any time: waiting (new, returned, or suspect), delayed, taken by one consumer, or settled. Older items are
/// delivered first. The items that a process held when it died are suspects: each of them is delivered to a process that holds no other
/// item. So an item that kills its workers uses up only its own attempts.
/// </remarks>
internal sealed class DeliveryState(int? maxAttempts, TimeSpan? leaseTimeout)
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

    /// <summary>Reads from each sink how much can be sent. Consumers with room take part in the next dispatch.</summary>
    public void UpdateRoom()
    {
        foreach (var consumer in _consumers)
        {
            consumer.Room = consumer.Sink.Room;
            if (consumer is { Room: > 0, HasSuspect: false })
            {
                PutInReadyQueue(consumer);
            }
        }
    }

    /// <summary>Assigns waiting items to consumers, and adds the consumers that got items to <paramref name="served"/>.</summary>
    public void Dispatch(TimeSpan now, List<QueueConsumer> served)
    {
        GiveSuspects(now, served);
        while (_suspects.Count == 0 && Waiting > 0 && _readyQueue.TryDequeue(out var consumer))
        {
            consumer.IsInReadyQueue = false;
            if (consumer.HasSuspect || consumer.Credit == 0 || consumer.Room <= 0)
            {
                continue;
            }

            var share = Math.Clamp(Waiting / (_readyQueue.Count + 1), 1, consumer.Credit);
            for (; share > 0 && Waiting > 0 && consumer.Room > 0; share--)
            {
                Give(consumer, TakeNext(), now, served);
            }

            if (consumer.Room > 0)
            {
                PutInReadyQueue(consumer);
            }
        }

        if (leaseTimeout is { } timeout && Taken > 0)
        {
            _nextLeaseCheck ??= now + (timeout / 10);
        }
    }

    /// <summary>Assigns one suspect to each consumer that holds no item. While suspects wait, no other items are assigned.</summary>
    private void GiveSuspects(TimeSpan now, List<QueueConsumer> served)
    {
        for (var i = 0; i < _consumers.Count && _suspects.Count > 0; i++)
        {
            if (_consumers[i] is { Credit: > 0, Taken.Count: 0 } free)
            {
                free.HasSuspect = true;
                Give(free, _suspects.Dequeue(), now, served);
            }
        }
    }

    private QueueItem TakeNext()
    {
        if (_returned.TryPeek(out var returned, out var id) && (!_new.TryPeek(out var newest) || id < newest.Id))
        {
            return _returned.Dequeue();
        }

        return _new.Count > 0 ? _new.Dequeue() : returned!;
    }

    private void Give(QueueConsumer consumer, QueueItem item, TimeSpan now, List<QueueConsumer> served)
    {
        consumer.Credit--;
        consumer.Room -= FrameLimits.Item(item.Body);
        consumer.Taken.Add(item.Id, item);
        item.Holder = consumer;
        item.TakenAt = now;
        Taken++;
        if (++item.Attempts > 1)
        {
            Redelivered++;
        }

        if (consumer.Outgoing.Count == 0)
        {
            served.Add(consumer);
        }

        consumer.Outgoing.Add(item);
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

    private void PutInReadyQueue(QueueConsumer consumer)
    {
        if (consumer is { IsInReadyQueue: false, IsGone: false, Credit: > 0 })
        {
            consumer.IsInReadyQueue = true;
            _readyQueue.Enqueue(consumer);
        }
    }

    /// <summary>
    /// A queue without items dispatches nothing, so it would keep the consumers, and with them the connections, of all workers that have ended.
    /// </summary>
    private void RemoveFromReadyQueue(QueueConsumer consumer)
    {
        for (var left = consumer.IsInReadyQueue ? _readyQueue.Count : 0; left > 0; left--)
        {
            var next = _readyQueue.Dequeue();
            if (next != consumer)
            {
                _readyQueue.Enqueue(next);
            }
        }
    }
}
