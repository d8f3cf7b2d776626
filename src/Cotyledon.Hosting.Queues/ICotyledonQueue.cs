using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting;

/// <summary>
/// A queue that master and workers share. Delivery is at least once: an item that is not completed goes to another reader when its
/// worker dies, leaves or is replaced.
/// </summary>
/// <typeparam name="T">The items; written as JSON, <see cref="ReadOnlyMemory{T}"/> of bytes as it is.</typeparam>
/// <remarks>
/// Injected by its type where a program has one queue of <typeparamref name="T"/>, else as a keyed service by its name. All members
/// may be called on any thread, in the master and in workers.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue.")]
[SuppressMessage("ApiDesign", "RS0026", Justification = "One item or many, told apart by the first parameter, in the first version already.")]
public interface ICotyledonQueue<T>
{
    /// <summary>The name that it was registered with.</summary>
    string Name { get; }

    /// <summary>Adds an item. Waits while the queue is full, or while its server is away.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends when the queue has the item; with provider <c>File</c> or <c>Nats</c>: when it is stored.</returns>
    /// <remarks>The items of calls that are not awaited are held by this process until the queue takes them.</remarks>
    /// <exception cref="ArgumentException">It is larger than <see cref="CotyledonQueueOptions.MaxItemSize"/>.</exception>
    /// <exception cref="OperationCanceledException">The queue does not have it.</exception>
    /// <exception cref="QueueException">The queue could not take it: a disk is full, the master is gone.</exception>
    Task EnqueueAsync(T item, CancellationToken cancellationToken = default);

    /// <summary>Adds items in their order. One call with many is much faster than many calls.</summary>
    /// <param name="items">The items.</param>
    /// <param name="cancellationToken">Ends the waiting. Of many items the first ones may have been added then.</param>
    /// <returns>A task that ends when the queue has all of them.</returns>
    /// <exception cref="ArgumentException">One is larger than <see cref="CotyledonQueueOptions.MaxItemSize"/>; none was added.</exception>
    /// <exception cref="OperationCanceledException">The queue does not have all of them.</exception>
    /// <exception cref="QueueException">The queue could not take them.</exception>
    Task EnqueueRangeAsync(IReadOnlyCollection<T> items, CancellationToken cancellationToken = default);

    /// <summary>Takes items, for ever. Several readers, in one process or in many, share the items.</summary>
    /// <param name="cancellationToken">Ends the reading. What was fetched and not handed out goes back at once.</param>
    /// <returns>
    /// Items to be completed. One that the loop body leaves by an exception or <c>break</c>, uncompleted, goes back to the queue.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="QueueException">The connection with the master is broken, and nobody has stopped the reader meanwhile.</exception>
    IAsyncEnumerable<QueueDelivery<T>> ReadAllAsync(CancellationToken cancellationToken = default);

    /// <summary>Counts.</summary>
    /// <param name="cancellationToken">Ends the waiting for the answer.</param>
    /// <returns>The numbers of this moment.</returns>
    /// <exception cref="QueueException">The queue cannot tell.</exception>
    Task<QueueStatistics> GetStatisticsAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists items that were given up after <see cref="CotyledonQueueOptions.MaxAttempts"/>, oldest first.</summary>
    /// <param name="max">How many at most.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer.</param>
    /// <returns>The dead items; they stay where they are.</returns>
    /// <exception cref="QueueException">The queue cannot tell.</exception>
    Task<IReadOnlyList<DeadItem<T>>> GetDeadAsync(int max = 100, CancellationToken cancellationToken = default);

    /// <summary>Puts dead items back into the queue, with all their attempts before them.</summary>
    /// <param name="ids">Which, by <see cref="DeadItem{T}.Id"/>; those that are not dead are skipped.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer.</param>
    /// <returns>How many were put back.</returns>
    /// <exception cref="QueueException">The queue could not do it.</exception>
    Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default);
}
