using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Transport;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>
/// One page of a list of dead items. It is limited by the number of items and by bytes, and has at least one item if any are left. The next
/// page begins after its last id; an empty page ends the list.
/// </summary>
/// <param name="max">The largest number of items.</param>
internal sealed class DeadPage(int max)
{
    private readonly List<QueueItem> _items = [];
    private long _size;

    public IReadOnlyList<QueueItem> Items => _items;

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
