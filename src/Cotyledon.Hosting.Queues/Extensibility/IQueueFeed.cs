using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Queues.Extensibility;

/// <summary>Receives the items of a store, for delivery to readers.</summary>
[Experimental("COTYLEDON001")]
public interface IQueueFeed
{
    /// <summary>Adds items in their order. Each item is added once.</summary>
    /// <param name="items">The items.</param>
    void Add(IReadOnlyList<QueueItem> items);

    /// <summary>Reports that <see cref="IQueueStore.Count"/> has decreased.</summary>
    void OnRoom();
}
