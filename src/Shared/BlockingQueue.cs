using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Shared;

/// <summary>
/// A thread-safe queue whose reader waits without spinning. Only one thread may wait; others may take items with a timeout of zero.
/// </summary>
/// <remarks>
/// The reader of a <see cref="System.Collections.Concurrent.BlockingCollection{T}"/> spins before it waits. The threads of the master mostly
/// wait for workers, which need the processor at that time.
/// </remarks>
internal sealed class BlockingQueue<T>(int capacity = int.MaxValue)
{
    private readonly Queue<T> _items = new();
    private bool _isComplete;

    public int Count
    {
        get
        {
            lock (_items)
            {
                return _items.Count;
            }
        }
    }

    /// <summary>Adds an item, unless the queue is full or complete. Does not wait.</summary>
    public bool TryAdd(T item)
    {
        lock (_items)
        {
            if (_isComplete || _items.Count >= capacity)
            {
                return false;
            }

            _items.Enqueue(item);
            Monitor.Pulse(_items);
            return true;
        }
    }

    /// <summary>Takes the oldest item. Returns <see langword="false"/> at the timeout, and if the queue is complete and empty.</summary>
    public bool TryTake(TimeSpan timeout, [MaybeNullWhen(false)] out T item)
    {
        lock (_items)
        {
            while (_items.Count == 0 && !_isComplete && timeout != TimeSpan.Zero && Monitor.Wait(_items, timeout))
            {
            }

            return _items.TryDequeue(out item);
        }
    }

    /// <summary>Takes items, and waits for further ones until the queue is complete and empty.</summary>
    public IEnumerable<T> TakeAll()
    {
        while (TryTake(Timeout.InfiniteTimeSpan, out var item))
        {
            yield return item;
        }
    }

    /// <summary>Accepts no further items.</summary>
    public void Complete()
    {
        lock (_items)
        {
            _isComplete = true;
            Monitor.PulseAll(_items);
        }
    }
}
