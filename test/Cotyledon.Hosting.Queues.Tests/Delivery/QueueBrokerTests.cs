using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Queues.Tests.Delivery;

/// <summary>A queue and its timers.</summary>
internal sealed class QueueBrokerTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeArrivals _arrivals = new();

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(25)]
    [TestCase(29.999)]
    [TestCase(30)]
    [TestCase(49.8)]
    [TestCase(10_000)]
    [TestCase(double.MaxValue)]
    [TestCase(double.MinValue)]
    public async Task Delay_is_limited_to_between_0_and_30_days(double days)
    {
        var delay = days switch
        {
            double.MaxValue => TimeSpan.MaxValue,
            double.MinValue => TimeSpan.MinValue,
            _ => TimeSpan.FromDays(days),
        };
        var (broker, port) = await OpenAsync();
        await using var _ = broker;
        port.Settle(1, Settlement.Abandon, delay);
        broker.Pump();

        var bounded = TimeSpan.FromDays(Math.Clamp(days, 0, 30));
        var step = TimeSpan.FromHours(1);
        for (var passed = step; passed < bounded; passed += step)
        {
            _clock.Advance(step);
            Assert.That(_arrivals.Attempts, Is.EqualTo(new[] { 1 }), $"after {passed}");
        }

        _clock.Advance(2 * step);
        Assert.That(_arrivals.Attempts, Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task Item_that_is_too_large_for_a_frame_is_dead()
    {
        var (broker, _) = await OpenAsync();
        await using var end = broker;
        await broker.EnqueueAsync([new byte[Queues.Configuration.QueueOptionsSetup.LargestItem + 1]], default);

        Assert.That(await broker.GetStatisticsAsync(default), Is.EqualTo(Statistics.Of(0, 1, 0, 0, 1)));
    }

    /// <summary>Opens a queue whose first item is taken, and whose reader has credit for more.</summary>
    private async Task<(QueueBroker, LocalPort)> OpenAsync()
    {
        var broker = new QueueBroker(
            "work",
            new CotyledonQueueOptions(),
            new MemoryStore("work", maxDead: 10, _clock, NullLogger.Instance),
            _clock,
            NullLogger.Instance);
        var port = new LocalPort(broker) { Arrivals = _arrivals };
        port.Grant(100);
        await port.EnqueueAsync([new byte[1]], default);
        Assert.That(_arrivals.Attempts, Is.EqualTo(new[] { 1 }));
        return (broker, port);
    }

    private sealed class FakeArrivals : IArrivals
    {
        public List<int> Attempts { get; } = [];

        public void OnArrived(Arrival arrival) => Attempts.Add(arrival.Attempt);

        public void OnClosed(Exception cause)
        {
            // No test closes the connection.
        }
    }
}
