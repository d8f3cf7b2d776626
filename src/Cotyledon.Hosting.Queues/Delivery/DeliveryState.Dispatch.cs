using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Queues.Transport;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>Assigns waiting items to the consumers that can take them.</summary>
internal sealed partial class DeliveryState
{
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
