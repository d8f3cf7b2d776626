using Cotyledon.Hosting.Cluster;

namespace Cotyledon.Hosting.Tests.Cluster;

/// <summary>One member with one service. Its calls of the store succeed at once.</summary>
internal sealed class ClusterMemberTests
{
    private static readonly ClusterTimes Times = ClusterTimes.Of(TimeSpan.FromSeconds(15));

    private readonly ClusterMember _member = new(Times, "db1", 1, () => "session");
    private ClusterView _records = new([], []);
    private long _revision;

    [Test]
    public void Member_that_has_returned_an_id_takes_ids_again_only_if_the_service_is_retried()
    {
        _member.SetServices(0, [new PulseService("A", 1)]);
        var grant = Settle(0).OfType<ClusterAction.Grant>().Single();
        _member.Return(0, "A", grant.Id, grant.Number);
        Settle(0);

        _member.EndLimits(Times.Renew, ["Other"]);
        var actions = Settle(Times.Renew);
        Assert.That(OfferIn(actions), Is.EqualTo(new PulseService("A", 1, MaxHere: 0)));
        Assert.That(actions.OfType<ClusterAction.Grant>(), Is.Empty);

        _member.EndLimits(Times.Renew, ["A"]);
        actions = Settle(Times.Renew);
        Assert.That(OfferIn(actions), Is.EqualTo(new PulseService("A", 1)));
        Assert.That(actions.OfType<ClusterAction.Grant>(), Has.One.Items);
    }

    private static PulseService OfferIn(List<ClusterAction> actions) =>
        actions.OfType<ClusterAction.WritePulse>().Last().Value!.Services.Single();

    /// <summary>Executes the actions of the member until there are no more, and returns all of them.</summary>
    private List<ClusterAction> Settle(long now)
    {
        var all = new List<ClusterAction>();
        while (_member.TakeActions() is { Count: > 0 } actions)
        {
            all.AddRange(actions);
            foreach (var action in actions)
            {
                Execute(action, now);
            }
        }

        return all;
    }

    private void Execute(ClusterAction action, long now)
    {
        switch (action)
        {
            case ClusterAction.WritePulse write:
                _records = _records with { Pulses = [new Versioned<Pulse>(write.Value!, ++_revision)] };
                _member.OnWritten(now, write.Number, WriteOutcome.Written, _revision);
                break;
            case ClusterAction.WriteRoster write:
                _records = _records with { Rosters = [new Versioned<Roster>(write.Value, ++_revision)] };
                _member.OnWritten(now, write.Number, WriteOutcome.Written, _revision);
                break;
            case ClusterAction.Read read:
                _member.OnRead(now, read.Number, _records);
                break;
        }
    }
}
