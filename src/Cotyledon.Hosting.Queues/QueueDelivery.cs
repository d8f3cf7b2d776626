using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting;

/// <summary>An item that was taken, until it is completed or goes back.</summary>
/// <typeparam name="T">The type of the queue's items.</typeparam>
/// <remarks>The first word counts: what is said of a delivery after it has been settled has no effect.</remarks>
public sealed class QueueDelivery<T> : IAsyncDisposable
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

    /// <summary>The item.</summary>
    public T Item { get; }

    /// <summary>How often it has been taken.</summary>
    /// <value>1 the first time. An item that had only been fetched for a reader that left was not taken.</value>
    public int Attempt { get; }

    /// <summary>The item is done, and leaves the queue.</summary>
    /// <returns>
    /// A task that ends when this process has passed the word on. It does not wait for the queue: a completion that is lost with its
    /// process means that the item is taken again, as any delivery at least once.
    /// </returns>
    public ValueTask CompleteAsync() => Settle(Settlement.Complete, TimeSpan.Zero);

    /// <summary>Gives the item back, for whoever comes next.</summary>
    /// <param name="delay">
    /// How long the item stays in the queue before it is delivered again, at most 30 days. Zero or less delivers it at once.
    /// </param>
    /// <returns>A task that ends when this process has passed the word on.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="delay"/> is longer than 30 days. The delivery is not settled.
    /// </exception>
    public ValueTask AbandonAsync(TimeSpan delay = default) => delay <= DeliveryState.MaxDelay
        ? Settle(Settlement.Abandon, delay)
        : throw new ArgumentOutOfRangeException(
            nameof(delay), delay, $"An item can be abandoned with a delay of at most {DeliveryState.MaxDelay.TotalDays} days.");

    /// <summary>Gives the item back unless it was completed.</summary>
    /// <returns>A task that ends when this process has passed the word on.</returns>
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
