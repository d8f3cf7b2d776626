using System.Globalization;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Tests.Delivery;

/// <summary>A delivery state with a clock, whose deliveries and outcomes are recorded for assertions.</summary>
internal sealed class DeliveryHarness(int? maxAttempts = null, double? lease = null)
{
    private readonly Dictionary<QueueConsumer, string> _names = [];

    public DeliveryState State { get; } = new(maxAttempts, lease is { } seconds ? TimeSpan.FromSeconds(seconds) : null);

    public TimeSpan Now { get; set; }

    /// <summary>The deliveries of the last call, each with consumer and item id: <c>a1 a2 b3</c>.</summary>
    public string Delivered { get; private set; } = "";

    public List<(long Id, QueueOutcome Outcome, int Attempts)> Outcomes { get; } = [];

    public QueueConsumer Connect(string name, int credit = 0)
    {
        var consumer = State.Connect(new NoSink());
        _names.Add(consumer, name);
        if (credit > 0)
        {
            State.Grant(consumer, credit);
        }

        return consumer;
    }

    public DeliveryHarness Add(params int[] ids)
    {
        foreach (var id in ids)
        {
            State.Add(new QueueItem(id, default));
        }

        return Run();
    }

    public DeliveryHarness Settle(QueueConsumer consumer, long id, Settlement settlement = Settlement.Complete, double delay = 0)
    {
        State.Settle(consumer, id, settlement, TimeSpan.FromSeconds(delay), Now);
        return Run();
    }

    public DeliveryHarness Grant(QueueConsumer consumer, int count)
    {
        State.Grant(consumer, count);
        return Run();
    }

    public DeliveryHarness Disconnect(QueueConsumer consumer)
    {
        State.Disconnect(consumer);
        return Run();
    }

    public DeliveryHarness Pass(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        State.PassTime(Now);
        return Run();
    }

    public DeliveryHarness Run()
    {
        var served = new List<QueueConsumer>();
        State.UpdateRoom();
        State.Dispatch(Now, served);
        Delivered = string.Join(' ', served.SelectMany(c => c.Outgoing.Select(
            i => _names[c] + i.Id.ToString(CultureInfo.InvariantCulture))));
        served.ForEach(c => c.Outgoing.Clear());
        Outcomes.AddRange(State.Outcomes.Select(o => (o.Item.Id, o.Outcome, o.Item.Attempts)));
        State.Outcomes.Clear();
        return this;
    }

    internal sealed class NoSink : IDeliverySink
    {
        public long Room => long.MaxValue;

        public void Deliver(IReadOnlyList<QueueItem> items)
        {
            // The harness reads the outgoing items.
        }

        public void Flush()
        {
            // Nothing was written.
        }
    }
}
