using Cotyledon.Hosting.Master;

namespace Cotyledon.Hosting.Tests.Master;

internal sealed class ProcessLeaseTests
{
    private readonly ProcessLease _lease = new();
    private readonly object _first = new();
    private readonly object _second = new();

    [Test]
    public void The_lease_has_one_holder_at_a_time()
    {
        Assert.That(_lease.TryTake(_first));
        Assert.That(_lease.TryTake(_first), "again");
        Assert.That(_lease.TryTake(_second), Is.False);

        _lease.Release(_second);
        Assert.That((_lease.IsHeldBy(_first), _lease.IsHeldBy(_second)), Is.EqualTo((true, false)));

        _lease.Release(_first);
        Assert.That(_lease.IsHeldBy(_first), Is.False);
        Assert.That(_lease.TryTake(_second));
    }
}
