using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Stores the items of one queue. Used by the master only; all members may be called on any thread.</summary>
internal interface IQueueStore : IAsyncDisposable
{
    /// <summary>The present problem, or <see langword="null"/>. Health is degraded while there is one.</summary>
    string? HealthIssue { get; }

    /// <summary>
    /// The number of items that are not dead, waiting and taken, as far as it is known without a request to a server. The capacity of the
    /// queue is compared with it.
    /// </summary>
    long Count { get; }

    /// <summary>Opens the store. Called once, before all other members.</summary>
    /// <param name="feed">Receives the items of the store.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="QueueException">The store cannot be used, and a retry would not help: a file is damaged, for example.</exception>
    Task OpenAsync(IQueueFeed feed, CancellationToken cancellationToken);

    /// <summary>Adds items at the end. When the task completes, the items are stored.</summary>
    /// <exception cref="QueueException">The items could not be stored.</exception>
    Task AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken);

    /// <summary>
    /// Sets how many items readers want. The store passes up to this number on to the feed, now or as soon as it has them, each once and in
    /// their order. A later call replaces an earlier one. Does not wait, and does not call the feed: the caller holds the lock of the
    /// queue.
    /// </summary>
    void Want(long count);

    /// <summary>Stores the outcome of an item that was passed on. Does not wait; a write that fails is retried.</summary>
    void Settle(QueueItem item, QueueOutcome outcome);

    /// <summary>Counts the items in the store, waiting and taken, those of other machines included.</summary>
    Task<long> CountAsync(CancellationToken cancellationToken);

    Task<long> CountDeadAsync(CancellationToken cancellationToken);

    /// <summary>Reads one page of the dead items, the oldest first: see <see cref="DeadPage"/>.</summary>
    /// <param name="after">The page begins after this id; 0 for the first page.</param>
    /// <param name="max">The largest number of items.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<IReadOnlyList<QueueItem>> GetDeadAsync(long after, int max, CancellationToken cancellationToken);

    /// <summary>Returns dead items to the queue, with the attempt count reset.</summary>
    Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);
}
