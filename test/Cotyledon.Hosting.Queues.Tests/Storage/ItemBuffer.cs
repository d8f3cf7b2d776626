using System.Diagnostics;
using System.Text;
using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Tests.Storage;

/// <summary>Collects the items of a store for tests that wait for them.</summary>
internal sealed class ItemBuffer : IQueueFeed
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly List<QueueItem> _items = [];
    private int _roomCalls;

    public int RoomCalls => Volatile.Read(ref _roomCalls);

    public string Texts
    {
        get
        {
            lock (_items)
            {
                return string.Join(' ', _items.Select(i => Encoding.UTF8.GetString(i.Body.Span)));
            }
        }
    }

    public void Add(IReadOnlyList<QueueItem> items)
    {
        lock (_items)
        {
            _items.AddRange(items);
            Monitor.PulseAll(_items);
        }
    }

    public void OnRoom() => Interlocked.Increment(ref _roomCalls);

    /// <summary>Waits until there are this many items, and returns all items so far.</summary>
    public List<QueueItem> WaitFor(int count)
    {
        var begin = Stopwatch.GetTimestamp();
        lock (_items)
        {
            while (_items.Count < count)
            {
                var left = Limit - Stopwatch.GetElapsedTime(begin);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_items, left))
                {
                    Assert.Fail($"{_items.Count} items have arrived, {count} are expected.");
                }
            }

            return [.. _items];
        }
    }
}
