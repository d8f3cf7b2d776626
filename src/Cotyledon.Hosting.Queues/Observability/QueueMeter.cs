using System.Diagnostics.Metrics;
using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Observability;

/// <summary>The instruments of the queues, on the meter of the supervisor. All are observable instruments; no callback waits.</summary>
internal sealed class QueueMeter
{
    private const string Item = "{item}";

    private readonly QueueRegistry _queues;

    public QueueMeter(QueueRegistry queues, IMeterFactory meters)
    {
        _queues = queues;
        var meter = meters.Create("Cotyledon.Hosting");
        meter.CreateObservableUpDownCounter(
            "cotyledon.queue.depth", () => Read(q => q.Depth), Item, "Items that wait for a reader.");
        meter.CreateObservableUpDownCounter(
            "cotyledon.queue.taken", () => Read(q => q.Read(s => s.Taken)), Item, "Items that were delivered and are not completed.");
        meter.CreateObservableUpDownCounter(
            "cotyledon.queue.dead", () => Read(q => q.Dead), Item, "Dead items: never completed after too many attempts, or unreadable.");
        meter.CreateObservableCounter(
            "cotyledon.queue.enqueued", () => Read(q => q.Enqueued), Item, "Items added by this program.");
        meter.CreateObservableCounter(
            "cotyledon.queue.completed", () => Read(q => q.Read(s => s.Completed)), Item, "Items completed by this program.");
        meter.CreateObservableCounter(
            "cotyledon.queue.redelivered", () => Read(q => q.Read(s => s.Redelivered)), Item, "Deliveries of items that had been delivered before.");
    }

    private IEnumerable<Measurement<long>> Read(Func<QueueBroker, long?> count) =>
        from queue in _queues.Present
        let value = count(queue)
        where value is not null
        select new Measurement<long>(value.Value, new KeyValuePair<string, object?>("cotyledon.queue", queue.Name));
}
