using System.Diagnostics;
using Cotyledon.Hosting.Queues.Configuration;
using Cotyledon.Hosting.Queues.Transport;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>
/// Who gets which item, and what becomes of it. Pure: no clock, no input or output, no lock. What it decides is in the consumers'
/// <see cref="QueueConsumer.Outgoing"/> and in <see cref="Outcomes"/>.
/// </summary>
/// <remarks>
/// An item is in one place at any time: waiting (new, returned, or suspect), delayed, taken by one consumer, or gone. The older goes
/// first. After a process has died with several items, each of them is given to a process that has nothing else, so that an item
/// which kills its workers uses up its own attempts only.
/// </remarks>
internal sealed class DeliveryState(int? maxAttempts, TimeSpan? leaseTimeout)
{
    /// <summary>An item is not delayed for longer, whatever a worker asks for.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(30);

    private readonly Queue<QueueItem> _new = new();
    private readonly PriorityQueue<QueueItem, long> _returned = new();
    private readonly PriorityQueue<QueueItem, long> _suspects = new();
    private readonly PriorityQueue<QueueItem, TimeSpan> _delayed = new();
    private readonly List<QueueConsumer> _consumers = [];
    private readonly Queue<QueueConsumer> _row = new();
    private TimeSpan? _nextLeaseLook;

    /// <summary>What became of items, for the store. The caller empties it.</summary>
    public List<(QueueItem Item, QueueOutcome Outcome)> Outcomes { get; } = [];

    public int Waiting => _new.Count + _returned.Count + _suspects.Count;

    public int Delayed => _delayed.Count;

    public int Taken { get; private set; }

    public long Completed { get; private set; }

    public long Redelivered { get; private set; }

    /// <summary>How many items more could be given to somebody now.</summary>
    public long Demand => Math.Max(0, _consumers.Sum(c => c.Room > 0 ? c.Credit : 0L) - Waiting);

    /// <summary>When <see cref="PassTime"/> has something to do.</summary>
    public TimeSpan? NextDeadline =>
        _delayed.TryPeek(out _, out var due) && !(_nextLeaseLook < due) ? due : _nextLeaseLook;

    /// <summary>Takes an item in. One that no process could be sent, which only another program can have stored, is dead.</summary>
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

    /// <summary>The consumer wants so many items more.</summary>
    public void Grant(QueueConsumer consumer, int count)
    {
        consumer.Credit = (int)Math.Min((long)consumer.Credit + count, int.MaxValue);
        PutInRow(consumer);
    }

    /// <summary>The consumer wants no more items.</summary>
    public static void Revoke(QueueConsumer consumer) => consumer.Credit = 0;

    /// <summary>A consumer says something of an item. Without effect where it is not the consumer's any more.</summary>
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
            case Settlement.Bury:
                Outcomes.Add((item, QueueOutcome.Dead));
                break;
            default:
                throw new UnreachableException($"Settlement {settlement} was not checked.");
        }
    }

    /// <summary>The process is gone; what it had goes to others.</summary>
    public void Disconnect(QueueConsumer consumer)
    {
        consumer.IsGone = true;
        consumer.Credit = 0;
        _consumers.Remove(consumer);
        var items = consumer.Taken.Values.ToList();
        foreach (var item in items)
        {
            Detach(item);
            item.IsSuspect = true;
            if (items.Count > 1)
            {
                // Whether it was tried at all is not known: this cannot have been its last chance.
                Return(item);
            }
            else
            {
                BringBack(item, due: null);
            }
        }
    }

    /// <summary>Delays that are over, and items that were taken too long ago.</summary>
    public void PassTime(TimeSpan now)
    {
        while (_delayed.TryPeek(out var item, out var due) && due <= now)
        {
            _delayed.Dequeue();
            Return(item);
        }

        if (_nextLeaseLook <= now)
        {
            _nextLeaseLook = null;
            EndLeases(now);
        }
    }

    /// <summary>Asks how much can be sent to each consumer. Those that had no room and have some now are served again.</summary>
    public void LookForRoom()
    {
        foreach (var consumer in _consumers)
        {
            consumer.Room = consumer.Sink.Room;
            if (consumer is { Room: > 0, IsAlone: false })
            {
                PutInRow(consumer);
            }
        }
    }

    /// <summary>Gives what waits to those that want it, and names the consumers that got something.</summary>
    public void Dispatch(TimeSpan now, List<QueueConsumer> served)
    {
        GiveSuspects(now, served);
        while (_suspects.Count == 0 && Waiting > 0 && _row.TryDequeue(out var consumer))
        {
            consumer.IsInRow = false;
            if (consumer.IsGone || consumer.IsAlone || consumer.Credit == 0 || consumer.Room <= 0)
            {
                continue;
            }

            var share = Math.Clamp(Waiting / (_row.Count + 1), 1, consumer.Credit);
            for (; share > 0 && Waiting > 0 && consumer.Room > 0; share--)
            {
                Give(consumer, TakeNext(), now, served);
            }

            if (consumer.Room > 0)
            {
                PutInRow(consumer);
            }
        }

        if (leaseTimeout is { } timeout && Taken > 0)
        {
            _nextLeaseLook ??= now + (timeout / 10);
        }
    }

    /// <summary>While suspects wait nobody gets anything else: whoever has finished what it has takes one.</summary>
    private void GiveSuspects(TimeSpan now, List<QueueConsumer> served)
    {
        for (var i = 0; i < _consumers.Count && _suspects.Count > 0; i++)
        {
            if (_consumers[i] is { Credit: > 0, Taken.Count: 0 } free)
            {
                free.IsAlone = true;
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
        if (consumer.IsAlone)
        {
            consumer.IsAlone = false;
            PutInRow(consumer);
        }
    }

    /// <summary>It was tried: it gets another chance, or has had its last.</summary>
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

    /// <summary>Looks at what is taken instead of keeping an alarm for each: most are completed long before.</summary>
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

    private void PutInRow(QueueConsumer consumer)
    {
        if (consumer is { IsInRow: false, IsGone: false, Credit: > 0 })
        {
            consumer.IsInRow = true;
            _row.Enqueue(consumer);
        }
    }
}
