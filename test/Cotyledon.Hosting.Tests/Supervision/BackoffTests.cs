using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class BackoffTests
{
    private static readonly Backoff HalfASecondToThirty = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30));

    [TestCase(0, 0)]
    [TestCase(1, 0)]
    [TestCase(2, 0.5)]
    [TestCase(3, 1)]
    [TestCase(4, 2)]
    [TestCase(7, 16)]
    [TestCase(8, 30)]
    [TestCase(1000, 30)]
    [TestCase(int.MaxValue, 30)]
    public void The_delay_doubles_up_to_the_maximum(int failuresInRow, double seconds)
    {
        Assert.That(HalfASecondToThirty.DelayAfter(failuresInRow, sample: 0.5), Is.EqualTo(TimeSpan.FromSeconds(seconds)));
    }

    [TestCase(0, 0.75)]
    [TestCase(0.5, 1)]
    [TestCase(1, 1.25)]
    public void Jitter_changes_the_delay_by_up_to_a_quarter(double sample, double factor)
    {
        Assert.That(HalfASecondToThirty.DelayAfter(5, sample), Is.EqualTo(TimeSpan.FromSeconds(4 * factor)));
    }

    [Test]
    public void Jitter_does_not_exceed_the_maximum()
    {
        Assert.That(HalfASecondToThirty.DelayAfter(50, sample: 1), Is.EqualTo(TimeSpan.FromSeconds(30)));
    }

    [Test]
    public void The_largest_delays_do_not_overflow()
    {
        var day = new Backoff(TimeSpan.FromDays(1), TimeSpan.FromDays(1));

        Assert.That(day.DelayAfter(int.MaxValue, sample: 1), Is.EqualTo(TimeSpan.FromDays(1)));
    }
}
