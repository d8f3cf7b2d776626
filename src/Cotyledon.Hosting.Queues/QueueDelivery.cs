using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues;

/// <summary>Represents a delivered item, until it is completed or abandoned.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
/// <remarks>Only the first settlement takes effect.</remarks>
public sealed class QueueDelivery<T> : IAsyncDisposable
    where T : notnull
{
    private readonly QueueReader _reader;
    private readonly long _id;
    private int _isSettled;

    internal QueueDelivery(QueueReader reader, long id, T item, int attempt)
    {
        _reader = reader;
        _id = id;
        Item = item;
        Attempt = attempt;
    }

    /// <summary>Gets the item.</summary>
    public T Item { get; }

    /// <summary>Gets the number of deliveries of the item, this one included.</summary>
    /// <value>1 for the first delivery. Items that were fetched for a reader and not delivered do not count.</value>
    public int Attempt { get; }

    /// <summary>Completes the item: it is removed from the queue.</summary>
    /// <returns>
    /// A task that completes when this process has sent the completion. It does not wait for the queue: if the process exits before the queue has
    /// the completion, the item is delivered again.
    /// </returns>
    public ValueTask CompleteAsync() => Settle(Settlement.Complete, TimeSpan.Zero);

    /// <summary>Abandons the item: it is delivered again, to any reader.</summary>
    /// <param name="delay">
    /// How long the item stays in the queue before it is delivered again, from zero, which delivers it at once, to 30 days.
    /// </param>
    /// <returns>A task that completes when this process has sent the message.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="delay"/> is negative or longer than 30 days. The delivery is not settled.
    /// </exception>
    public ValueTask AbandonAsync(TimeSpan delay = default) => delay >= TimeSpan.Zero && delay <= DeliveryState.MaxDelay
        ? Settle(Settlement.Abandon, delay)
        : throw new ArgumentOutOfRangeException(
            nameof(delay), delay, $"An item can be abandoned with a delay from zero to {DeliveryState.MaxDelay.TotalDays} days.");

    /// <summary>Abandons the item unless it was completed.</summary>
    /// <returns>A task that completes when this process has sent the message.</returns>
    public ValueTask DisposeAsync() => Settle(Settlement.Abandon, TimeSpan.Zero);

    private ValueTask Settle(Settlement settlement, TimeSpan delay)
    {
        if (Interlocked.Exchange(ref _isSettled, 1) == 0)
        {
            _reader.Settle(_id, settlement, delay);
        }

        return ValueTask.CompletedTask;
    }
}
