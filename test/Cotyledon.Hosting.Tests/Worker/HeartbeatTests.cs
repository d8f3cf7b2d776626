using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class HeartbeatTests
{
    private readonly FakeTimeProvider _clock = new();
    private int _beats;

    [Test]
    public void The_thread_pool_beats_more_often_than_the_master_looks()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.That(_beats, Is.EqualTo(5));
        GC.KeepAlive(heartbeat);
    }

    [Test]
    public void Without_a_timeout_nothing_beats()
    {
        var heartbeat = Create(TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromDays(1));
        heartbeat.ReportAlive();

        Assert.That(_beats, Is.Zero);
    }

    [Test]
    public void From_the_first_time_that_the_service_says_so_only_that_counts()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        heartbeat.ReportAlive();
        _clock.Advance(TimeSpan.FromSeconds(60));

        Assert.That(_beats, Is.EqualTo(1));
    }

    [Test]
    public void A_service_may_say_so_in_every_turn_of_a_loop()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 10_000; i++)
        {
            heartbeat.ReportAlive();
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.That(_beats, Is.EqualTo(5));
    }

    [Test]
    public void A_new_timeout_holds_at_once_in_both_ways()
    {
        var heartbeat = Create(TimeSpan.Zero);
        heartbeat.SetTimeout(TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.That(_beats, Is.EqualTo(3));

        heartbeat.SetTimeout(Timeout.InfiniteTimeSpan);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.That(_beats, Is.EqualTo(3));
    }

    private Heartbeat Create(TimeSpan timeout) => new(timeout, _clock, () => _beats++);
}
