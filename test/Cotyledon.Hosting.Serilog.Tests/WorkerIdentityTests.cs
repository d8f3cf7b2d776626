using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Serilog.Tests;

internal sealed class WorkerIdentityTests
{
    [Test]
    public void The_identity_follows_the_current_assignment_and_is_cached_while_it_is_the_same()
    {
        int? now = null;
        var identity = new WorkerIdentity(TryGet);
        Assert.That((identity.Current.Service, identity.Current.ProcessId), Is.EqualTo(((string?)null, Environment.ProcessId)));

        now = 1;
        var first = identity.Current;
        Assert.That((first.Service, first.WorkerId, first.Incarnation, first.ProcessId), Is.EqualTo(("Poller", 1, 7, Environment.ProcessId)));
        Assert.That(identity.Current, Is.SameAs(first));

        now = 2;
        Assert.That(identity.Current.WorkerId, Is.EqualTo(2));

        now = null;
        Assert.That(identity.Current.Service, Is.Null);

        bool TryGet([NotNullWhen(true)] out string? service, out int workerId, out long incarnation)
        {
            (service, workerId, incarnation) = ("Poller", now ?? 0, 7);
            return now is not null;
        }
    }
}
