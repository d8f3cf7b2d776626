using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Receives the items of a store, for delivery to readers.</summary>
internal interface IQueueFeed
{
    /// <summary>Adds items in their order. Each item is added once.</summary>
    void Add(IReadOnlyList<QueueItem> items);

    /// <summary>Called when <see cref="IQueueStore.Count"/> has decreased.</summary>
    void OnRoom();
}
