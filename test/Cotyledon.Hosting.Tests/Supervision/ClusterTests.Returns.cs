using Cotyledon.Hosting.Health;
using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Worker ids that the program gives back.</summary>
internal sealed partial class ClusterTests
{
    [Test]
    public void Given_up_worker_id_is_returned_to_the_cluster()
    {
        var master = Create(Shared with { MaxRestarts = 0 });
        Grant(master, workerId: 0, first: 1, grant: 7);
        master.Settle();
        master.Exit(master.Worker(), 2);
        Assert.That(master.Commands.OfType<ReturnWorkerId>().Single(), Is.EqualTo(new ReturnWorkerId("Shared", 0, 7)));
        Assert.That(master.Commands.OfType<RecordGiveUp>(), Has.One.Items);
        Assert.That((master.Service.Target, master.Service.GivenUp, master.Slot(0).State), Is.EqualTo((0, 0, WorkerState.Standby)));

        Grant(master, workerId: 0, first: 1_000_001, grant: 8);
        master.Settle();
        Assert.That(master.Service.Ready, Is.EqualTo(1));
    }

    [Test]
    public void Worker_id_whose_incarnations_are_used_up_is_returned_to_the_cluster()
    {
        var master = Create();
        master.Send(new SupervisorMessage.SlotGranted("Shared", 0, 7, FirstIncarnation: 5, LastIncarnation: 5));
        master.Settle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        Assert.That(master.AllCommands.OfType<ReturnWorkerId>().Single().Grant, Is.EqualTo(7));
    }

    [Test]
    public void Service_is_retried_in_the_cluster_only_if_its_settings_change_or_it_is_reset()
    {
        var other = Shared with { Name = "Other" };
        var master = new Master(Shared, other);
        master.Start();
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Shared, other with { Workers = other.Workers }]));
        Assert.That(Retried(), Is.Empty);

        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Shared with { MaxRestarts = 3 }, other], WithoutReload: true));
        Assert.That(Retried(), Is.EqualTo(new[] { "Shared" }));

        master.Send(new SupervisorMessage.ScaleRequested("Other", null, 1));
        Assert.That(Retried(), Is.EqualTo(new[] { "Other" }));

        IReadOnlyCollection<string>? Retried() => master.Commands.OfType<OfferServices>().Single().Retried;
    }

    [Test]
    public void Stop_leaves_the_cluster_after_the_hooks_and_returns_each_worker_id_when_its_process_is_gone()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1, grant: 7);
        Grant(master, workerId: 1, first: 1, grant: 8);
        master.Settle();
        master.Stop();
        Assert.That(master.AllCommands.OfType<LeaveCluster>(), Is.Empty);
        master.HooksCompleted();
        Assert.That(master.Commands.OfType<LeaveCluster>(), Has.One.Items);
        Assert.That(master.AllCommands.OfType<ReportVacant>(), Is.Empty);

        Revoke(master, workerId: 0, grant: 7);
        master.Settle();
        Assert.That(master.AllCommands.OfType<ReportVacant>().Select(v => v.Grant), Is.EquivalentTo(new[] { 7, 8 }));
        Assert.That(master.State.HasStopped);
    }

    [Test]
    public void Grant_that_arrives_during_or_after_the_stop_is_reported_as_vacant()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1, grant: 7);
        master.Settle();
        master.Stop();
        master.HooksCompleted();
        Grant(master, workerId: 1, first: 1, grant: 8);
        Assert.That(master.Commands.OfType<ReportVacant>().Single().Grant, Is.EqualTo(8));
        master.Settle();
        Grant(master, workerId: 1, first: 1, grant: 9);
        Assert.That(master.Commands.OfType<ReportVacant>().Single().Grant, Is.EqualTo(9));
    }

    [Test]
    public void Worker_id_of_a_process_that_SIGKILL_does_not_end_is_never_returned()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1, grant: 7);
        master.Settle();
        master.FastStop();
        master.Advance(Defaults.FastReapTimeout);
        Assert.That(master.State.HasStopped);
        Assert.That(master.AllCommands.OfType<ReportVacant>(), Is.Empty);
    }

    [Test]
    public void Revoked_worker_id_of_a_process_that_SIGKILL_does_not_end_is_missing_while_the_cluster_needs_it()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1, grant: 7);
        master.Settle();
        Revoke(master, workerId: 0, grant: 7);
        master.Advance(Shared.GracefulTimeout + ServiceSettings.KillDelay);
        Assert.That(Missing(), Is.Empty, "the process may still exit");

        master.Advance(Defaults.ExitTimeout);
        Assert.That(Missing(), Is.EqualTo(new[] { new MissingWorker(0, WorkerState.Killed) { IsStuck = true } }));

        master.Send(new SupervisorMessage.ClusterScaled("Shared", 0));
        Assert.That(Missing(), Is.Empty);
        master.Send(new SupervisorMessage.ClusterScaled("Shared", 2));
        Assert.That(Missing(), Has.One.Items);

        master.Exit(master.Worker(), ExitStatus.Signaled(9));
        Assert.That(Missing(), Is.Empty);
        Assert.That(master.Commands.OfType<ReportVacant>(), Has.One.Items);

        IReadOnlyList<MissingWorker> Missing() => HealthSnapshot.Of(master.State).Services[0].Missing;
    }
}
