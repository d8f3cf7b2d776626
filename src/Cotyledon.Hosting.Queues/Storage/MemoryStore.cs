using Cotyledon.Hosting.Queues.Delivery;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Keeps the latest dead items, up to a limit. All other items are the delivery's own.</summary>
internal sealed class MemoryStore(string queue, int maxDead, TimeProvider clock, ILogger logger) : IQueueStore
{
    /// <summary>Dropped items are logged at most so often.</summary>
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, LinkedListNode<QueueItem>> _dead = [];
    private readonly LinkedList<QueueItem> _deadInOrder = new();
    private long _dropped;
    private long? _loggedAt;
    private IQueueFeed? _feed;
    private long _lastId;
    private long _count;

    public string? HealthIssue => null;

    public long Count => Volatile.Read(ref _count);

    public Task OpenAsync(IQueueFeed feed, CancellationToken cancellationToken)
    {
        _feed = feed;
        return Task.CompletedTask;
    }

    public Task AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken)
    {
        Append(bodies);
        return Task.CompletedTask;
    }

    public void Want(long count)
    {
        // It has passed on all that it got.
    }

    public void Settle(QueueItem item, QueueOutcome outcome)
    {
        if (outcome == QueueOutcome.Returned)
        {
            return;
        }

        var dropped = outcome == QueueOutcome.Dead ? Bury(item) : null;
        Interlocked.Decrement(ref _count);
        _feed!.OnRoom();
        if (dropped is { } count)
        {
            Log.DeadItemsDropped(logger, queue, maxDead, count, $"{Configuration.QueueOptionsSetup.Section}:{queue}");
        }
    }

    public Task<long> CountAsync(CancellationToken cancellationToken) => Task.FromResult(Count);

    public Task<long> CountDeadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<long>(_dead.Count);
        }
    }

    public Task<IReadOnlyList<QueueItem>> GetDeadAsync(long after, int max, CancellationToken cancellationToken)
    {
        var page = new DeadPage(max);
        lock (_gate)
        {
            _ = _dead.SkipWhile(d => d.Key <= after).All(d => page.TryAdd(d.Value.Value));
        }

        return Task.FromResult(page.Items);
    }

    public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        var bodies = new List<ReadOnlyMemory<byte>>();
        lock (_gate)
        {
            foreach (var id in ids)
            {
                if (_dead.Remove(id, out var item))
                {
                    _deadInOrder.Remove(item);
                    bodies.Add(item.Value.Body);
                }
            }
        }

        Append(bodies);
        return Task.FromResult(bodies.Count);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The item that died first is dropped where there are too many.</summary>
    /// <returns>How many have been dropped so far, where it is time to log it.</returns>
    private long? Bury(QueueItem item)
    {
        lock (_gate)
        {
            _dead.Add(item.Id, _deadInOrder.AddLast(item));
            if (_dead.Count <= maxDead)
            {
                return null;
            }

            _dead.Remove(_deadInOrder.First!.Value.Id);
            _deadInOrder.RemoveFirst();
            _dropped++;
            if (_loggedAt is { } at && clock.GetElapsedTime(at) < LogInterval)
            {
                return null;
            }

            _loggedAt = clock.GetTimestamp();
            return _dropped;
        }
    }

    private void Append(IReadOnlyList<ReadOnlyMemory<byte>> bodies)
    {
        var items = new QueueItem[bodies.Count];
        lock (_gate)
        {
            for (var i = 0; i < items.Length; i++)
            {
                items[i] = new QueueItem(++_lastId, bodies[i]);
            }

            Interlocked.Add(ref _count, items.Length);

            // Inside, so that two who add at once cannot overtake each other on the way.
            _feed!.Add(items);
        }
    }
}
