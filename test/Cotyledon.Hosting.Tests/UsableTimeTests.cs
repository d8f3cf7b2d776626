namespace Cotyledon.Hosting.Tests;

internal sealed class UsableTimeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly UsableTime _time = new(detectsPauses: true);

    [Test]
    public void A_wait_that_ended_in_time_or_early_is_no_pause()
    {
        _time.OnWaited(Second, Second);
        _time.OnWaited(Second, TimeSpan.Zero);
        _time.OnWaited(Timeout.InfiniteTimeSpan, TimeSpan.FromHours(1));

        Assert.That(_time.Paused, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void What_a_wait_took_too_long_could_not_be_used_and_a_little_more_is_granted()
    {
        _time.OnWaited(Second, 6 * Second);

        Assert.That(_time.Paused, Is.EqualTo(TimeSpan.FromSeconds(5.2)));
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
        var time = new UsableTime(detectsPauses: false);
        time.OnWaited(Second, 6 * Second);

        Assert.That((time.Paused, time.SliceOf(8 * Second)), Is.EqualTo((TimeSpan.Zero, 8 * Second)));
    }
}
