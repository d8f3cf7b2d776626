namespace Cotyledon.Hosting.Queues.Observability;

/// <summary>The counts of a queue, as far as they are known without asking anybody.</summary>
/// <param name="Queue">The queue's name.</param>
/// <param name="Depth">Items that nobody has taken, those with a delay included.</param>
/// <param name="Taken">Items that a reader has and has not completed.</param>
/// <param name="Enqueued">Items added here since the master was started.</param>
/// <param name="Completed">Items completed since then.</param>
/// <param name="Redelivered">How often an item was taken that had been taken before, since then.</param>
/// <param name="Dead">Items that were given up; <see langword="null"/> where that is not known yet.</param>
internal sealed record QueueFigures(
    string Queue, long Depth, long Taken, long Enqueued, long Completed, long Redelivered, long? Dead);
