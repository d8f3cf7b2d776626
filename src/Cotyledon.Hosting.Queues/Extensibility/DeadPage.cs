using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Transport;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>
/// A part of a list of dead items: it ends at a number of items or of bytes, and has at least one item where there is one. The next
/// page begins after its last id; the list ends with an empty page.
/// </summary>
/// <param name="max">How many items at most.</param>
internal sealed class DeadPage(int max)
{
    private readonly List<QueueItem> _items = [];
    private long _size;

    public IReadOnlyList<QueueItem> Items => _items;

    /// <returns>False where the page is full; the item is not in it.</returns>
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
