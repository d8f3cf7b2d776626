using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Where the items of one queue are kept. Used by the master only; all members may be called on any thread.</summary>
internal interface IQueueStore : IAsyncDisposable
{
    /// <summary>What is wrong at present, or <see langword="null"/>. Health is degraded meanwhile.</summary>
    string? HealthIssue { get; }

    /// <summary>Items in the store, as far as it knows without asking: waiting and taken, not dead. Limits what may be added.</summary>
    long Count { get; }

    /// <summary>Called once, before all others.</summary>
    /// <param name="feed">Takes items out of the store.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="QueueException">The store cannot be used, and waiting would not help: a damaged file.</exception>
    Task OpenAsync(IQueueFeed feed, CancellationToken cancellationToken);

    /// <summary>Adds items at the end. When the task ends they are as safe as the store can make them.</summary>
    /// <exception cref="QueueException">None of them was stored.</exception>
    Task AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken);

    /// <summary>
    /// Readers want so many items: the store passes up to so many on to the feed, now or as soon as it has them, each once and in
    /// their order. A later call replaces an earlier one. Does not wait, and does not call the feed: the caller holds the delivery.
    /// </summary>
    void Want(long count);

    /// <summary>What became of an item that was passed on. Does not wait; what cannot be written now is tried until it can.</summary>
    void Settle(QueueItem item, QueueOutcome outcome);

    /// <summary>Items in the store, waiting and taken, here and on other machines.</summary>
    Task<long> CountAsync(CancellationToken cancellationToken);

    Task<long> CountDeadAsync(CancellationToken cancellationToken);

    /// <summary>Reads one page of the dead items, the oldest first: see <see cref="DeadPage"/>.</summary>
    /// <param name="after">The id before the first one of the page; 0 for the first page.</param>
    /// <param name="max">How many at most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<IReadOnlyList<QueueItem>> GetDeadAsync(long after, int max, CancellationToken cancellationToken);

    /// <summary>Puts them back among the waiting ones, without attempts.</summary>
    Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);
}
