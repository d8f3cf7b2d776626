namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>The way to a process that takes items. No member waits or throws.</summary>
internal interface IDeliverySink
{
    void Deliver(IReadOnlyList<QueueItem> items);

    /// <summary>What was delivered is to be on its way now.</summary>
    void Flush();
}
