using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class JitterTests
{
    [Test]
    public void Samples_are_spread_evenly_between_0_and_1([Values(0UL, 1UL, ulong.MaxValue)] ulong seed)
    {
        var samples = Enumerable.Range(0, 10_000).Select(spawn => Jitter.Sample(seed, spawn)).ToList();

        Assert.That(samples, Is.All.InRange(0.0, 1.0));
        var tenths = samples.GroupBy(s => (int)(10 * s)).ToDictionary(g => g.Key, g => g.Count());
        Assert.That(tenths.Keys, Is.EquivalentTo(Enumerable.Range(0, 10)));
        Assert.That(tenths.Values, Is.All.InRange(850, 1150));
    }

    [Test]
    public void The_same_input_gives_the_same_sample()
    {
        var (first, again) = (Jitter.Sample(42, 7), Jitter.Sample(42, 7));

        Assert.That(again, Is.EqualTo(first));
    }

    [Test]
    public void Another_master_or_another_spawn_gives_another_sample()
    {
        double[] samples = [Jitter.Sample(1, 1), Jitter.Sample(1, 2), Jitter.Sample(2, 1), Jitter.Sample(2, 2)];

        Assert.That(samples, Is.Unique);
    }
}
