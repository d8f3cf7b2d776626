namespace Cotyledon.Hosting.Queues.Observability;

/// <summary>The counts of a queue that the master knows without a request to the store's server.</summary>
/// <param name="Queue">The name of the queue.</param>
/// <param name="Depth">The items that wait for a reader, delayed ones included.</param>
/// <param name="Taken">The items that were delivered and are not completed.</param>
/// <param name="Enqueued">The items that this program has added since the start of the master.</param>
/// <param name="Completed">The items that were completed since then.</param>
/// <param name="Redelivered">The deliveries since then of items that had been delivered before.</param>
/// <param name="Dead">The dead items, or <see langword="null"/> if the number is not known yet.</param>
internal sealed record QueueFigures(
    string Queue, long Depth, long Taken, long Enqueued, long Completed, long Redelivered, long? Dead);
