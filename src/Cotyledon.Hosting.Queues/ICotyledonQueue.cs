using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Queues;

/// <summary>
/// Provides a queue that the master and its workers share. Items are delivered at least once: if a worker exits before it has completed an
/// item, the item is delivered to another reader.
/// </summary>
/// <typeparam name="T">The type of the items. They are stored as JSON; a <see cref="ReadOnlyMemory{T}"/> of bytes is stored as it is.</typeparam>
/// <remarks>
/// If the program has one queue of <typeparamref name="T"/>, it is injected by its type, otherwise as a keyed service by its name. All members
/// are thread-safe, in the master and in workers.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue.")]
[SuppressMessage("ApiDesign", "RS0026", Justification = "One item or many, told apart by the first parameter, in the first version already.")]
public interface ICotyledonQueue<T>
    where T : notnull
{
    /// <summary>Gets the name with which the queue was registered.</summary>
    string Name { get; }

    /// <summary>Adds an item. Waits while the queue is full or its server is unavailable.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when the queue has the item; with provider <c>File</c> or <c>Nats</c>, when the item is stored.</returns>
    /// <remarks>Items of calls that are not awaited are kept in the memory of this process until the queue accepts them.</remarks>
    /// <exception cref="ArgumentException">
    /// The item is <see langword="null"/>, or larger than <see cref="CotyledonQueueOptions.MaxItemSize"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">
    /// The wait was cancelled. The item may have been added nevertheless, if it was already on its way to the store.
    /// </exception>
    /// <exception cref="QueueException">The queue could not accept the item, for example because a disk is full or the master has exited.</exception>
    /// <example>
    /// <code>await queue.EnqueueAsync(new Sample(meter, value), cancellationToken);</code>
    /// </example>
    Task EnqueueAsync(T item, CancellationToken cancellationToken = default);

    /// <summary>Adds items in their order. One call with many items is much faster than many calls.</summary>
    /// <param name="items">The items.</param>
    /// <param name="cancellationToken">Cancels the wait. The first items may have been added then.</param>
    /// <returns>A task that completes when the queue has all items.</returns>
    /// <remarks>With provider <c>Nats</c>, the order of the items can change if the queue is full or the connection is lost meanwhile.</remarks>
    /// <exception cref="ArgumentException">
    /// An item is <see langword="null"/>, or larger than <see cref="CotyledonQueueOptions.MaxItemSize"/>, and no item was added.
    /// </exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled, and not all items were added.</exception>
    /// <exception cref="QueueException">The queue could not accept the items.</exception>
    Task EnqueueRangeAsync(IReadOnlyCollection<T> items, CancellationToken cancellationToken = default);

    /// <summary>Reads items until it is cancelled. Several readers, in one process or in many, share the items.</summary>
    /// <param name="cancellationToken">Ends the stream. Items that were fetched and not delivered return to the queue at once.</param>
    /// <returns>
    /// The deliveries. Complete each of them. A delivery that the loop body leaves uncompleted, by an exception or by <c>break</c>, returns to the
    /// queue.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="QueueException">The connection to the master was lost.</exception>
    /// <example>
    /// <code>
    /// await foreach (var delivery in queue.ReadAllAsync(stoppingToken))
    /// {
    ///     await StoreAsync(delivery.Item);
    ///     await delivery.CompleteAsync();
    /// }
    /// </code>
    /// </example>
    IAsyncEnumerable<QueueDelivery<T>> ReadAllAsync(CancellationToken cancellationToken = default);

    /// <summary>Gets the present numbers of the queue.</summary>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    /// <returns>The numbers.</returns>
    /// <exception cref="QueueException">The queue could not answer.</exception>
    Task<QueueStatistics> GetStatisticsAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Lists dead items: those that were delivered <see cref="CotyledonQueueOptions.MaxAttempts"/> times and never completed, and those
    /// that cannot be read.
    /// </summary>
    /// <param name="max">The largest number of items to return.</param>
    /// <param name="after">Only items with a higher id are returned. For the next page, pass the id of the last item.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    /// <returns>The dead items, ordered by their ids, so the oldest first. They stay in the queue.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is not positive, or <paramref name="after"/> is negative.</exception>
    /// <exception cref="QueueException">The queue could not answer.</exception>
    Task<IReadOnlyList<DeadItem<T>>> GetDeadAsync(int max = 100, long after = 0, CancellationToken cancellationToken = default);

    /// <summary>Returns dead items to the queue, with the attempt count reset.</summary>
    /// <param name="ids">The ids of the items (<see cref="DeadItem{T}.Id"/>). Items that are not dead are skipped.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    /// <returns>The number of items that were returned.</returns>
    /// <exception cref="QueueException">The queue could not return the items.</exception>
    Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default);

    /// <summary>Deletes dead items for good.</summary>
    /// <param name="ids">The ids of the items (<see cref="DeadItem{T}.Id"/>). Items that are not dead are skipped.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer.</param>
    /// <returns>The number of items that were deleted.</returns>
    /// <exception cref="QueueException">The queue could not delete the items.</exception>
    Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default);
}
