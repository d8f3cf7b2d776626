namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>The result of a delivery, for the store.</summary>
internal enum QueueOutcome
{
    Completed,

    /// <summary>The item waits again, with one more attempt counted.</summary>
    Returned,

    Dead,
}
