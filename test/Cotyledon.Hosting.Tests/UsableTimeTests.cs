using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests;

internal sealed class UsableTimeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _clock = new();
    private UsableTime _time = null!;

    [SetUp]
    public void Create() => _time = new UsableTime(_clock, detectsPauses: true);

    [Test]
    public void A_wait_that_ends_in_time_or_early_is_not_a_pause()
    {
        Assert.That(Wait(expected: Second, actual: Second), Is.EqualTo(Second));
        Assert.That(Wait(expected: Second, actual: Second / 2), Is.EqualTo(1.5 * Second));
        Assert.That(Wait(Timeout.InfiniteTimeSpan, 10 * Second), Is.EqualTo(11.5 * Second));
        Assert.That(Wait(expected: Second, actual: 1.4 * Second), Is.EqualTo(12.9 * Second), "the machine is busy");
    }

    [Test]
    public void A_pause_does_not_count_and_adds_a_short_grace_period()
    {
        Assert.That(Wait(expected: Second, actual: 6 * Second), Is.EqualTo(0.8 * Second));
    }

    /// <summary>Between two waits, the loop needs only microseconds, so a longer time is a pause.</summary>
    [Test]
    public void A_pause_between_two_waits_is_detected_too()
    {
        Wait(Second, Second);
        Assert.That(Wait(expected: TimeSpan.Zero, actual: 5 * Second), Is.EqualTo(Second));
        Assert.That(Wait(Second, Second), Is.EqualTo(1.8 * Second), "less the grace period");
    }

    [Test]
    public void The_clock_goes_on_if_each_wait_takes_too_long()
    {
        var wait = Second / 100;
        TimeSpan time = default;
        for (var i = 0; i < 100; i++)
        {
            Wait(TimeSpan.Zero, TimeSpan.Zero);
            time = Wait(wait, 0.7 * Second);
        }

        Assert.That(time, Is.EqualTo(0.8 * Second), "less the grace period of the first pause");
    }

    [Test]
    public void Time_never_decreases()
    {
        Wait(Second, Second);
        _clock.Advance(3 * Second);
        Assert.That(_time.Now, Is.EqualTo(4 * Second), "the pause has not been detected yet");

        var before = _time.Advance(4 * Second);
        Assert.That(Wait(TimeSpan.Zero, Second), Is.EqualTo(before));
        Assert.That(_time.Now, Is.EqualTo(before));
    }

    [Test]
    public void Slices_are_an_eighth_of_the_remaining_time_but_at_least_the_minimum()
    {
        Assert.That(_time.SliceOf(TimeSpan.FromSeconds(80)), Is.EqualTo(TimeSpan.FromSeconds(10)));
        Assert.That(_time.SliceOf(TimeSpan.FromSeconds(0.08)), Is.EqualTo(TimeSpan.FromSeconds(0.02)));
        Assert.That(_time.SliceOf(TimeSpan.FromSeconds(0.01)), Is.EqualTo(TimeSpan.FromSeconds(0.01)));
    }

    [Test]
    public void With_detection_disabled_there_are_no_pauses()
    {
        _time = new UsableTime(_clock, detectsPauses: false);

        Assert.That((Wait(Second, 6 * Second), _time.SliceOf(8 * Second)), Is.EqualTo((6 * Second, 8 * Second)));
    }

    private TimeSpan Wait(TimeSpan expected, TimeSpan actual)
    {
        _clock.Advance(actual);
        return _time.Advance(expected);
    }
}
