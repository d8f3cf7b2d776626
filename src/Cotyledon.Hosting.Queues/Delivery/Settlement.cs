namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>How a reader settles a delivered item. The values are part of the protocol.</summary>
internal enum Settlement : byte
{
    Complete = 1,

    /// <summary>The item is delivered again, at once or after a delay. The attempt counts.</summary>
    Abandon = 2,

    /// <summary>The item was prefetched and not delivered. The attempt does not count.</summary>
    Release = 3,

    /// <summary>The item cannot be read and becomes dead.</summary>
    MarkDead = 4,
}
