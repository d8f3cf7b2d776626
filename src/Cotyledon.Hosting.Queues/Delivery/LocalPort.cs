using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>The access to a queue of this process.</summary>
internal sealed class LocalPort : IQueuePort, IDeliverySink
{
    private readonly QueueBroker _broker;
    private readonly QueueConsumer _consumer;

    public LocalPort(QueueBroker broker)
    {
        _broker = broker;
        _consumer = broker.Connect(this);
    }

    public IArrivals? Arrivals { private get; set; }

    /// <summary>No limit: items are passed by reference, without a send buffer.</summary>
    long IDeliverySink.Room => long.MaxValue;

    public Task EnqueueAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken) => _broker.EnqueueAsync(bodies, cancellationToken);

    public void Grant(int count) => _broker.Grant(_consumer, count);

    public void Settle(long id, Settlement settlement, TimeSpan delay) => _broker.Settle(_consumer, id, settlement, delay);

    void IQueuePort.Flush() => _broker.Pump();

    public Task<QueueStatistics> GetStatisticsAsync(CancellationToken cancellationToken) => _broker.GetStatisticsAsync(cancellationToken);

    public async Task<IReadOnlyList<Arrival>> GetDeadAsync(long after, int max, CancellationToken cancellationToken) =>
        [.. (await _broker.GetDeadAsync(after, max, cancellationToken).ConfigureAwait(false)).Select(i => new Arrival(i.Id, i.Attempts, i.Body))];

    public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) => _broker.RetryDeadAsync(ids, cancellationToken);

    public Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) => _broker.DeleteDeadAsync(ids, cancellationToken);

    void IDeliverySink.Deliver(IReadOnlyList<QueueItem> items)
    {
        foreach (var item in items)
        {
            Arrivals!.OnArrived(new Arrival(item.Id, item.Attempts, item.Body));
        }
    }

    void IDeliverySink.Flush()
    {
        // Deliver has passed the items on already.
    }
}
