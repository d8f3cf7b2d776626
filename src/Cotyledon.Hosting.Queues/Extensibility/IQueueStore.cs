using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Queues.Extensibility;

/// <summary>Stores the items of one queue. Used by the master only; all members may be called on any thread.</summary>
/// <remarks>
/// The types in this namespace are the contract between the packages of Cotyledon.Hosting. Stores of other packages are not supported.
/// </remarks>
[Experimental("COTYLEDON001")]
public interface IQueueStore : IAsyncDisposable
{
    /// <summary>Gets the present problem, or <see langword="null"/>. Health is degraded while there is one.</summary>
    string? HealthIssue { get; }

    /// <summary>
    /// Gets the number of items that are not dead, waiting and taken, as far as it is known without a request to a server. The capacity of the
    /// queue is compared with it.
    /// </summary>
    long Count { get; }

    /// <summary>Opens the store. Called once, before all other members.</summary>
    /// <param name="feed">Receives the items of the store.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when the store is open.</returns>
    /// <exception cref="QueueException">The store cannot be used, and a retry would not help: a file is damaged, for example.</exception>
    Task OpenAsync(IQueueFeed feed, CancellationToken cancellationToken);

    /// <summary>Adds items at the end. When the task completes, the items are stored.</summary>
    /// <param name="bodies">The items.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when the items are stored.</returns>
    /// <exception cref="QueueException">The items could not be stored.</exception>
    Task AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken);

    /// <summary>
    /// Sets how many items readers want. The store passes up to this number on to the feed, now or as soon as it has them, each once and in
    /// their order. A later call replaces an earlier one. Does not wait, and does not call the feed: the caller holds the lock of the
    /// queue.
    /// </summary>
    /// <param name="count">The number of items.</param>
    void Want(long count);

    /// <summary>Stores the outcome of an item that was passed on. Does not wait; a write that fails is retried.</summary>
    /// <param name="item">The item.</param>
    /// <param name="outcome">The outcome.</param>
    void Settle(QueueItem item, QueueOutcome outcome);

    /// <summary>Counts the items in the store, waiting and taken, those of other machines included.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The number of items.</returns>
    Task<long> CountAsync(CancellationToken cancellationToken);

    /// <summary>Counts the dead items.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The number of items.</returns>
    Task<long> CountDeadAsync(CancellationToken cancellationToken);

    /// <summary>Reads one page of the dead items, the oldest first: see <see cref="DeadPage"/>.</summary>
    /// <param name="after">The page begins after this id; 0 for the first page.</param>
    /// <param name="max">The largest number of items.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The items; none if the list has ended.</returns>
    Task<IReadOnlyList<QueueItem>> GetDeadAsync(long after, int max, CancellationToken cancellationToken);

    /// <summary>Returns dead items to the queue, with the attempt count reset.</summary>
    /// <param name="ids">The ids of the items.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The number of items that were dead and wait again.</returns>
    Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);

    /// <summary>Deletes dead items.</summary>
    /// <param name="ids">The ids of the items.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The number of items that were dead and are deleted.</returns>
    Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);
}
