using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Takes items from a store on their way to readers.</summary>
internal interface IQueueFeed
{
    /// <summary>Items in their order, each once.</summary>
    void Add(IReadOnlyList<QueueItem> items);

    /// <summary><see cref="IQueueStore.Count"/> has become less.</summary>
    void OnRoom();
}
