using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Extensibility;

/// <summary>An item in the master.</summary>
/// <param name="id">The number of the item.</param>
/// <param name="body">The content of the item.</param>
[Experimental("COTYLEDON001")]
public sealed class QueueItem(long id, ReadOnlyMemory<byte> body)
{
    /// <summary>Gets the number of the item. Later items have larger numbers.</summary>
    public long Id { get; } = id;

    /// <summary>Gets the content of the item.</summary>
    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <summary>Gets or sets the number of deliveries.</summary>
    public int Attempts { get; set; }

    /// <summary>
    /// True if a process died while it held the item. The item is next delivered to a process that holds no other item, so that the item
    /// that kills its workers can be identified.
    /// </summary>
    internal bool IsSuspect { get; set; }

    internal QueueConsumer? Holder { get; set; }

    internal TimeSpan TakenAt { get; set; }

    /// <summary>Gets the data of the store about this item.</summary>
    public object? Tag { get; init; }
}
