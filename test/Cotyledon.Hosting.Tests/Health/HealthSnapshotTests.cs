using Cotyledon.Hosting.Health;
using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;
using Simulated = Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Health;

/// <summary>The state of the supervisor as the health checks use it.</summary>
internal sealed class HealthSnapshotTests
{
    [Test]
    public void The_snapshot_before_and_after_the_start_of_the_workers()
    {
        var master = new Simulated(Poller with { Workers = 2 }, Sender with { Workers = 0 });
        Assert.That(HealthSnapshot.Of(master.State).Phase, Is.EqualTo(SupervisorPhase.NotStarted));
        master.Start();
        var starting = HealthSnapshot.Of(master.State);
        Assert.That((starting.WasReady, starting.Services[0].Missing.Count), Is.EqualTo((false, 2)));
        master.Settle();

        var settled = HealthSnapshot.Of(master.State);
        Assert.That((settled.Phase, settled.WasReady), Is.EqualTo((SupervisorPhase.Running, true)));
        Assert.That(
            settled.Services.Select(s => (s.Name, s.Target, s.Ready, s.Missing.Count)),
            Is.EqualTo(new[] { ("Poller", 2, 2, 0), ("Sender", 0, 0, 0) }));
        Assert.That(settled.Services[0].ByState[WorkerState.Ready], Is.EqualTo(2));
    }

    [Test]
    public void A_given_up_worker_is_missing_until_it_leaves_the_target()
    {
        var master = new Simulated(Poller with { MaxRestarts = 1, Workers = 2 }).StartAndSettle();
        master.Exit(master.Worker(1), 2);
        master.Recover(1);
        master.Exit(master.Worker(1), 2);

        var service = HealthSnapshot.Of(master.State).Services[0];
        Assert.That(service.Missing.Single(), Is.EqualTo(new MissingWorker(1, WorkerState.GivenUp, 0, master.Slot(1).LastExit)));
        Assert.That((service.Missing[0].IsGivenUp, service.LastExit), Is.EqualTo((true, master.Slot(1).LastExit)));
        master.Scale(1);
        Assert.That(HealthSnapshot.Of(master.State).Services[0].Missing, Is.Empty, "the worker is outside the target");
    }

    [Test]
    public void A_worker_counts_as_unable_to_start_after_three_failed_starts()
    {
        var master = new Simulated(Poller);
        master.Start();
        for (var i = 0; i < 3; i++)
        {
            Assert.That(Missing(master).CannotStart, Is.False);
            master.StartFailed(master.Worker());
            master.AdvanceToNextDeadline();
        }

        Assert.That((Missing(master).CannotStart, Missing(master).State), Is.EqualTo((true, WorkerState.Starting)), "the start is retried");
        master.Settle();
        Assert.That(HealthSnapshot.Of(master.State).Services[0].Missing, Is.Empty);
    }

    private static MissingWorker Missing(Simulated master) => HealthSnapshot.Of(master.State).Services[0].Missing.Single();
}
