namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>The way to a process that takes items. No member waits or throws.</summary>
internal interface IDeliverySink
{
    /// <summary>
    /// How many bytes of items can be delivered before the process has taken what it was sent. At zero it gets nothing; who has said
    /// zero pumps the queue when there is room again.
    /// </summary>
    long Room { get; }

    void Deliver(IReadOnlyList<QueueItem> items);

    /// <summary>What was delivered is to be on its way now.</summary>
    void Flush();
}
