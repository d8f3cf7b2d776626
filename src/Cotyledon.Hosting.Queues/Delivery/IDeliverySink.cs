using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>Sends items to a process that takes items. No member waits or throws.</summary>
internal interface IDeliverySink
{
    /// <summary>
    /// How many bytes of items can be delivered before the process reads what was sent. At zero or less it gets no items; a sink that has
    /// returned this calls <see cref="QueueBroker.Pump"/> when there is room again.
    /// </summary>
    long Room { get; }

    void Deliver(IReadOnlyList<QueueItem> items);

    /// <summary>Sends the delivered items now.</summary>
    void Flush();
}
