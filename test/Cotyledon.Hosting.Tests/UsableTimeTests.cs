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
    public void A_wait_that_ended_in_time_or_early_is_no_pause()
    {
        Assert.That(Wait(expected: Second, actual: Second), Is.EqualTo(Second));
        Assert.That(Wait(expected: Second, actual: Second / 2), Is.EqualTo(1.5 * Second));
        Assert.That(Wait(Timeout.InfiniteTimeSpan, 10 * Second), Is.EqualTo(11.5 * Second));
        Assert.That(Wait(expected: Second, actual: 1.4 * Second), Is.EqualTo(12.9 * Second), "the machine is busy");
    }

    [Test]
    public void Time_stands_still_during_a_pause_and_a_little_longer()
    {
        Assert.That(Wait(expected: Second, actual: 6 * Second), Is.EqualTo(0.8 * Second));
    }

    /// <summary>Between two waits: a loop works for microseconds, so that whatever takes longer is a pause.</summary>
    [Test]
    public void A_pause_while_the_loop_works_is_noticed_as_well()
    {
        Wait(Second, Second);
        Assert.That(Wait(expected: TimeSpan.Zero, actual: 5 * Second), Is.EqualTo(Second));
        Assert.That(Wait(Second, Second), Is.EqualTo(1.8 * Second), "less the grace");
    }

    [Test]
    public void Time_never_goes_back()
    {
        Wait(Second, Second);
        _clock.Advance(3 * Second);
        Assert.That(_time.Now, Is.EqualTo(4 * Second), "the pause has not been detected yet");

        var before = _time.Advance(4 * Second);
        Assert.That(Wait(TimeSpan.Zero, Second), Is.EqualTo(before));
        Assert.That(_time.Now, Is.EqualTo(before));
    }

    [Test]
    public void Slices_get_shorter_with_the_deadline_so_that_no_pause_takes_more_than_an_eighth_of_what_is_left()
    {
        Assert.That(_time.SliceOf(TimeSpan.FromSeconds(80)), Is.EqualTo(TimeSpan.FromSeconds(10)));
        Assert.That(_time.SliceOf(TimeSpan.FromSeconds(0.08)), Is.EqualTo(TimeSpan.FromSeconds(0.02)));
        Assert.That(_time.SliceOf(TimeSpan.FromSeconds(0.01)), Is.EqualTo(TimeSpan.FromSeconds(0.01)));
    }

    [Test]
    public void With_a_clock_that_a_test_moves_there_are_no_pauses()
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
