namespace Cotyledon.Hosting;

/// <summary>Keeps the last items of a sequence, up to its capacity. Not thread-safe.</summary>
internal sealed class Ring<T>(int capacity)
{
    private readonly Queue<T> _items = new();

    /// <summary>The items, oldest first.</summary>
    public IReadOnlyCollection<T> Items => _items;

    public void Add(T item)
    {
        if (_items.Count == capacity)
        {
            _items.Dequeue();
        }

        _items.Enqueue(item);
    }
}
