using Cotyledon.Hosting.Channel;

namespace Cotyledon.Hosting.Serilog.Tests;

internal sealed class WorkerIdentityTests
{
    [Test]
    public void The_identity_follows_the_current_assignment_and_is_cached_while_it_is_the_same()
    {
        Frame.Assign? now = null;
        var identity = new WorkerIdentity(() => now);
        Assert.That((identity.Current.Service, identity.Current.ProcessId), Is.EqualTo(((string?)null, Environment.ProcessId)));

        now = Assignment(workerId: 1);
        var first = identity.Current;
        Assert.That((first.Service, first.WorkerId, first.Incarnation, first.ProcessId), Is.EqualTo(("Poller", 1, 7, Environment.ProcessId)));
        Assert.That(identity.Current, Is.SameAs(first));

        now = Assignment(workerId: 2);
        Assert.That(identity.Current.WorkerId, Is.EqualTo(2));

        now = null;
        Assert.That(identity.Current.Service, Is.Null);
    }

    private static Frame.Assign Assignment(int workerId) => new(
        "Poller", workerId, WorkerCount: 3, Incarnation: 7, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, WaitForMarkReady: false);
}
