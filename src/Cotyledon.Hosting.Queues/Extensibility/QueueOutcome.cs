namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>What became of an item that was taken, for the store to keep.</summary>
internal enum QueueOutcome
{
    Completed,

    /// <summary>It waits again, with one attempt more behind it.</summary>
    Returned,

    Dead,
}
