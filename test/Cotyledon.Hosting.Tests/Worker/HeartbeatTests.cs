using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class HeartbeatTests
{
    private readonly FakeTimeProvider _clock = new();
    private int _beats;

    [Test]
    public void Heartbeats_are_sent_five_times_per_timeout()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.That(_beats, Is.EqualTo(5));
        GC.KeepAlive(heartbeat);
    }

    [Test]
    public void Without_a_timeout_no_heartbeats_are_sent()
    {
        var heartbeat = Create(TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromDays(1));
        heartbeat.ReportAlive();

        Assert.That(_beats, Is.Zero);
    }

    [Test]
    public void ReportAlive_stops_the_automatic_heartbeats()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        heartbeat.ReportAlive();
        _clock.Advance(TimeSpan.FromSeconds(60));

        Assert.That(_beats, Is.EqualTo(1));
    }

    [Test]
    public void Heartbeats_of_a_service_that_reports_are_automatic_only_while_it_waits_for_work()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        heartbeat.ReportAlive();
        var (first, second) = (heartbeat.BeginWait(), heartbeat.BeginWait());
        AdvanceByIntervals(5);
        Assert.That(_beats, Is.EqualTo(1 + 5));

        first.Dispose();
        first.Dispose();
        AdvanceByIntervals(5);
        Assert.That(_beats, Is.EqualTo(1 + 5 + 1 + 5), "another part of the service still waits; the end of a wait counts as a report");

        second.Dispose();
        AdvanceByIntervals(30);
        Assert.That(_beats, Is.EqualTo(1 + 5 + 1 + 5 + 1));
    }

    [Test]
    public void Heartbeats_are_automatic_when_the_run_of_a_service_that_reports_has_returned()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        heartbeat.ReportAlive();
        _clock.Advance(TimeSpan.FromSeconds(9));
        heartbeat.OnIdle();
        Assert.That(_beats, Is.EqualTo(2));

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(_beats, Is.EqualTo(2 + 5));
    }

    /// <summary>The next automatic heartbeat may be a whole interval away.</summary>
    [Test]
    public void Begin_of_a_wait_counts_as_a_report()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        heartbeat.ReportAlive();
        _clock.Advance(TimeSpan.FromSeconds(9));
        using var wait = heartbeat.BeginWait();

        Assert.That(_beats, Is.EqualTo(2));
    }

    [Test]
    public void Frequent_updates_with_the_same_timeout_do_not_delay_heartbeats()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 10; i++)
        {
            heartbeat.SetTimeout(TimeSpan.FromSeconds(10));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(_beats, Is.EqualTo(5));
    }

    [Test]
    public void Wait_of_a_service_that_does_not_report_changes_nothing()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        heartbeat.BeginWait().Dispose();
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.That(_beats, Is.EqualTo(5));
    }

    [Test]
    public void Frequent_calls_of_ReportAlive_are_throttled()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 10_000; i++)
        {
            heartbeat.ReportAlive();
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.That(_beats, Is.EqualTo(1 + 5), "the first call, and one heartbeat in each interval");
    }

    /// <summary>Otherwise the master would stop the worker up to a fifth of the timeout too early.</summary>
    [Test]
    public void Last_of_frequent_calls_of_ReportAlive_is_sent_by_the_timer_once()
    {
        var heartbeat = Create(TimeSpan.FromSeconds(10));
        heartbeat.ReportAlive();
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        heartbeat.ReportAlive();
        Assert.That(_beats, Is.EqualTo(1));

        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.That(_beats, Is.EqualTo(2));

        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.That(_beats, Is.EqualTo(2));
    }

    [Test]
    public void A_new_timeout_starts_or_stops_the_heartbeats_at_once()
    {
        var heartbeat = Create(TimeSpan.Zero);
        heartbeat.SetTimeout(TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.That(_beats, Is.EqualTo(3));

        heartbeat.SetTimeout(Timeout.InfiniteTimeSpan);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.That(_beats, Is.EqualTo(3));
    }

    /// <summary>The clock calls a timer at the end of a step, whatever the time for which it was due.</summary>
    private void AdvanceByIntervals(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
        }
    }

    private Heartbeat Create(TimeSpan timeout) => new(timeout, _clock, () => _beats++);
}
