namespace Cotyledon.Hosting.Queues;

/// <summary>
/// Describes a dead item: it was delivered <see cref="CotyledonQueueOptions.MaxAttempts"/> times and never completed, or it cannot be read.
/// </summary>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class DeadItem<T>
    where T : notnull
{
    /// <summary>Gets the id of the item within its queue.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the item.</summary>
    /// <value>The default value if <see cref="Body"/> cannot be read as <typeparamref name="T"/>.</value>
    public T? Item { get; init; }

    /// <summary>Gets the item as it is stored.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Gets the number of deliveries.</summary>
    public required int Attempts { get; init; }
}
