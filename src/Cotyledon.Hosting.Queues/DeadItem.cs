namespace Cotyledon.Hosting;

/// <summary>An item that was given up.</summary>
/// <typeparam name="T">The type of the queue's items.</typeparam>
/// <param name="Id">Names it within its queue.</param>
/// <param name="Item">The item; the default value where it cannot be read as <typeparamref name="T"/>.</param>
/// <param name="Body">The item as it is stored.</param>
/// <param name="Attempts">How often it was taken.</param>
public sealed record DeadItem<T>(long Id, T? Item, ReadOnlyMemory<byte> Body, int Attempts);
