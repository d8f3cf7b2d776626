using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Keeps nothing but the dead: all other items are the delivery's own.</summary>
internal sealed class MemoryStore : IQueueStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, QueueItem> _dead = [];
    private IQueueFeed? _feed;
    private long _lastId;
    private long _count;

    public string? Trouble => null;

    public long Count => Volatile.Read(ref _count);

    public Task OpenAsync(IQueueFeed feed, CancellationToken ct)
    {
        _feed = feed;
        return Task.CompletedTask;
    }

    public Task AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken ct)
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

        if (outcome == QueueOutcome.Dead)
        {
            lock (_gate)
            {
                _dead.Add(item.Id, item);
            }
        }

        Interlocked.Decrement(ref _count);
        _feed!.OnRoom();
    }

    public Task<long> CountAsync(CancellationToken ct) => Task.FromResult(Count);

    public Task<long> CountDeadAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            return Task.FromResult<long>(_dead.Count);
        }
    }

    public Task<IReadOnlyList<QueueItem>> GetDeadAsync(long after, int max, CancellationToken ct)
    {
        var page = new DeadPage(max);
        lock (_gate)
        {
            _ = _dead.Values.SkipWhile(i => i.Id <= after).All(page.TryAdd);
        }

        return Task.FromResult(page.Items);
    }

    public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken ct)
    {
        var bodies = new List<ReadOnlyMemory<byte>>();
        lock (_gate)
        {
            foreach (var id in ids)
            {
                if (_dead.Remove(id, out var item))
                {
                    bodies.Add(item.Body);
                }
            }
        }

        Append(bodies);
        return Task.FromResult(bodies.Count);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

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
