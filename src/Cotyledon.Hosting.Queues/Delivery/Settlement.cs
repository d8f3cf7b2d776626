namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>What a reader says of an item that it has taken. The numbers are those of the protocol.</summary>
internal enum Settlement : byte
{
    Complete = 1,

    /// <summary>It was tried, and is to be tried again, perhaps later.</summary>
    Abandon = 2,

    /// <summary>It was fetched, and handed to nobody.</summary>
    Release = 3,

    /// <summary>It can be read by nobody.</summary>
    Bury = 4,
}
