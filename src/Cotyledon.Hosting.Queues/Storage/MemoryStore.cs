using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Extensibility;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Keeps the latest dead items in memory, up to a limit. All other items are kept by <see cref="DeliveryState"/> only.</summary>
internal sealed class MemoryStore(string queue, int maxDead, TimeProvider clock, ILogger logger) : IQueueStore
{
    /// <summary>The shortest time between two log messages about dropped items.</summary>
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
        // All items were passed on when they were added.
    }

    public void Settle(QueueItem item, QueueOutcome outcome)
    {
        if (outcome == QueueOutcome.Returned)
        {
            return;
        }

        var dropped = outcome == QueueOutcome.Dead ? AddDead(item) : null;
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
        var items = RemoveDead(ids);
        Append([.. items.Select(i => i.Body)]);
        return Task.FromResult(items.Count);
    }

    public Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        Task.FromResult(RemoveDead(ids).Count);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Adds a dead item. Beyond the limit, the item that became dead first is dropped.</summary>
    /// <returns>The number of items dropped so far if it is to be logged now, otherwise <see langword="null"/>.</returns>
    private long? AddDead(QueueItem item)
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

    private List<QueueItem> RemoveDead(IReadOnlyCollection<long> ids)
    {
        var removed = new List<QueueItem>();
        lock (_gate)
        {
            foreach (var id in ids)
            {
                if (_dead.Remove(id, out var item))
                {
                    _deadInOrder.Remove(item);
                    removed.Add(item.Value);
                }
            }
        }

        return removed;
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

            // Inside the lock, so that concurrent calls pass their items on in the order of the ids.
            _feed!.Add(items);
        }
    }
}
