using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>
/// Shows and repairs one queue without knowledge of the type of its items, for the control endpoint and the live page. Implementations are
/// registered as enumerable singletons in the master. All members are thread-safe. A method throws an exception of the implementation if the
/// store cannot answer, for example because its server is unavailable.
/// </summary>
[Experimental("COTYLEDON001")]
public interface IQueueAdministration
{
    /// <summary>Gets the name of the queue.</summary>
    string Name { get; }

    /// <summary>Gets the name of the provider in lower case: <c>memory</c>, <c>file</c> or <c>nats</c>.</summary>
    string Store { get; }

    /// <summary>Gets the present numbers of the queue.</summary>
    /// <param name="cancellationToken">Cancels the wait for the answer of the store.</param>
    /// <returns>The numbers.</returns>
    Task<QueueDepth> GetDepthAsync(CancellationToken cancellationToken);

    /// <summary>Lists dead items, the oldest first. They stay in the queue.</summary>
    /// <param name="max">The largest number of items to return, 1 or more.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer of the store.</param>
    /// <returns>The items. If they are large, fewer than <paramref name="max"/>, but at least one if there are any.</returns>
    Task<IReadOnlyList<DeadQueueItem>> GetDeadAsync(int max, CancellationToken cancellationToken);

    /// <summary>Returns dead items to the queue, with the attempt count reset.</summary>
    /// <param name="ids">The ids of the items. Items that are not dead are skipped.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer of the store.</param>
    /// <returns>The number of items that were returned.</returns>
    Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);

    /// <summary>Deletes dead items for good.</summary>
    /// <param name="ids">The ids of the items. Items that are not dead are skipped.</param>
    /// <param name="cancellationToken">Cancels the wait for the answer of the store.</param>
    /// <returns>The number of items that were deleted.</returns>
    Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);
}

/// <summary>Contains the numbers of a queue.</summary>
[Experimental("COTYLEDON001")]
public sealed record QueueDepth
{
    /// <summary>Gets the number of items that wait for a reader, delayed ones included.</summary>
    public required long Waiting { get; init; }

    /// <summary>Gets the number of items that were delivered and are not completed yet.</summary>
    public required long Taken { get; init; }

    /// <summary>Gets the number of items that were completed since the start of the program.</summary>
    public required long Completed { get; init; }

    /// <summary>Gets the number of deliveries of items that had been delivered before, since the start of the program.</summary>
    public required long Redelivered { get; init; }

    /// <summary>Gets the number of dead items.</summary>
    public required long Dead { get; init; }
}

/// <summary>Describes a dead item of a queue.</summary>
[Experimental("COTYLEDON001")]
public sealed record DeadQueueItem
{
    /// <summary>Gets the id of the item within its queue.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the number of deliveries.</summary>
    public required int Attempts { get; init; }

    /// <summary>Gets the item as it is stored.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }
}
