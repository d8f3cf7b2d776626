using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Queues.Transport;

namespace Cotyledon.Hosting.Queues.Extensibility;

/// <summary>
/// One page of a list of dead items. It is limited by the number of items and by bytes, in stores on a server also by time, and has at least one
/// item if any are left. The next page begins after its last id; an empty page ends the list.
/// </summary>
/// <param name="max">The largest number of items.</param>
[Experimental("COTYLEDON001")]
public sealed class DeadPage(int max)
{
    private readonly List<QueueItem> _items = [];
    private long _size;

    /// <summary>Gets the items of the page.</summary>
    public IReadOnlyList<QueueItem> Items => _items;

    /// <summary>Adds an item to the page if there is room.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False if the page is full and the item was not added.</returns>
    public bool TryAdd(QueueItem item)
    {
        _size += FrameLimits.Item(item.Body);
        if (_items.Count >= max || (_items.Count > 0 && _size > FrameLimits.MaxPart))
        {
            return false;
        }

        _items.Add(item);
        return true;
    }
}
