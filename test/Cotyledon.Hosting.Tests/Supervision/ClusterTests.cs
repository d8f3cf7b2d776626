using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A service whose worker ids are assigned by the cluster.</summary>
internal sealed partial class ClusterTests
{
    private const long Lease = 10_000;

    private static readonly ServiceSettings Shared = new() { Name = "Shared", Workers = 2, Scope = WorkerScope.Cluster };

    [Test]
    public void Service_has_no_worker_without_a_grant()
    {
        var master = new Master(Shared);
        Assert.That(master.Start().OfType<OfferServices>().Single().Services, Is.EqualTo(new[] { Shared }));
        master.Send(new SupervisorMessage.ClusterScaled("Shared", 2));
        Assert.That(master.AllCommands.OfType<StartWorker>(), Is.Empty);
        Assert.That(master.Service.Slots.Select(s => s.State), Is.All.EqualTo(WorkerState.Standby));
        Assert.That((master.Service.Target, master.Service.WorkerCount), Is.EqualTo((0, 2)));
    }

    [Test]
    public void Grant_starts_a_worker_with_the_first_incarnation_and_the_end_of_the_lease()
    {
        var master = Create();
        Grant(master, workerId: 1, first: 3_000_001);
        master.Settle();
        var assignment = master.AllCommands.OfType<AssignWorker>().Single().Assignment;
        Assert.That(
            (assignment.WorkerId, assignment.WorkerCount, assignment.Incarnation, assignment.LeaseEnd), Is.EqualTo((1, 2, 3_000_001L, (long?)Lease)));
        Assert.That((master.Service.Target, master.Service.Ready), Is.EqualTo((1, 1)));
    }

    [Test]
    public void Crashed_worker_is_restarted_with_the_next_incarnation_without_a_new_grant()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1_000_001);
        master.Settle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        Assert.That(master.Worker().Incarnation, Is.EqualTo(1_000_002));
    }

    [Test]
    public void New_grant_never_repeats_an_incarnation()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1, grant: 1);
        master.Settle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        Revoke(master, workerId: 0, grant: 1);
        master.Settle();

        Grant(master, workerId: 0, first: 1, grant: 2);
        master.Settle();
        Assert.That(master.Worker().Incarnation, Is.EqualTo(3));
    }

    [Test]
    public void Worker_id_is_vacant_only_after_its_process_has_exited()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1, grant: 7);
        master.Settle();
        var worker = master.Worker();
        Revoke(master, workerId: 0, grant: 7);
        Assert.That(master.Commands.OfType<StopWorker>().Single().Spawn, Is.EqualTo(worker.Spawn));
        Assert.That(master.AllCommands.OfType<ReportVacant>(), Is.Empty);
        Assert.That(master.Service.Target, Is.Zero);

        master.Exit(worker, 0);
        Assert.That(master.Commands.OfType<ReportVacant>().Single(), Is.EqualTo(new ReportVacant("Shared", 0, 7)));
        Assert.That(master.Slot(0).LastExit!.Reason, Is.EqualTo(WorkerExitReason.Stopped));
        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.Standby));
    }

    [Test]
    public void Grant_without_a_process_is_vacant_at_once()
    {
        var master = Create();
        master.State.BootTime = Lease;
        Grant(master, workerId: 0, first: 1, grant: 7);
        Assert.That(master.AllCommands.OfType<StartWorker>(), Is.Empty, "there is no lease");
        Revoke(master, workerId: 0, grant: 7);
        Assert.That(master.Commands.OfType<ReportVacant>(), Has.One.Items);
    }

    [Test]
    public void Lost_worker_id_is_killed_without_a_graceful_stop()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1, grant: 7);
        master.Settle();
        Revoke(master, workerId: 0, grant: 7, isLost: true);
        Assert.That(master.Commands.OfType<KillWorker>(), Has.One.Items);
        Assert.That(master.Commands.OfType<StopWorker>(), Is.Empty);
        master.Exit(master.Worker(), ExitStatus.Signaled(9));
        Assert.That(master.Slot(0).LastExit!.Reason, Is.EqualTo(WorkerExitReason.LeaseEnded));
        Assert.That(master.Commands.OfType<ReportVacant>(), Has.One.Items);
    }

    [Test]
    public void Revocation_of_an_older_grant_changes_nothing()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1, grant: 7);
        master.Settle();
        Revoke(master, workerId: 0, grant: 6);
        Revoke(master, workerId: 9, grant: 7);
        Assert.That(master.Commands, Is.Empty);
        Assert.That(master.Service.Ready, Is.EqualTo(1));
    }

    [Test]
    public void Extended_lease_is_passed_on_and_starts_workers_that_waited_for_it()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1);
        master.Settle();
        master.State.BootTime = Lease;
        Grant(master, workerId: 1, first: 1);
        Assert.That(master.Slot(1).Process, Is.Null);

        master.Send(new SupervisorMessage.LeaseExtended(2 * Lease));
        Assert.That(master.Commands.OfType<ExtendLease>().Single(), Is.EqualTo(new ExtendLease(2 * Lease)));
        Assert.That(master.Commands.OfType<StartWorker>(), Has.One.Items);
        Assert.That(master.Commands.First(c => c is ExtendLease or StartWorker), Is.InstanceOf<ExtendLease>());

        master.Send(new SupervisorMessage.LeaseExtended(Lease));
        Assert.That(master.Commands.OfType<ExtendLease>().Single(), Is.EqualTo(new ExtendLease(2 * Lease)), "a lease never becomes shorter");
    }

    [Test]
    public void Worker_that_its_timer_has_killed_is_not_a_failure_and_waits_for_a_lease()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1);
        master.Settle();
        master.State.BootTime = Lease;
        master.Exit(master.Worker(), ExitStatus.Signaled(9));
        Assert.That(master.Slot(0).LastExit!.Reason, Is.EqualTo(WorkerExitReason.LeaseEnded));
        Assert.That(master.Slot(0).Failures.Restarts, Is.Zero);
        Assert.That(master.Slot(0).Process, Is.Null);

        master.Send(new SupervisorMessage.LeaseExtended(2 * Lease));
        Assert.That(master.Slot(0).Process, Is.Not.Null);
    }

    [Test]
    public void Worker_that_its_timer_has_not_killed_is_killed_when_the_lease_ends()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1);
        master.Settle();
        master.Send(new SupervisorMessage.LeaseExpired());
        Assert.That(master.Commands.OfType<KillWorker>(), Is.Empty, "the lease was extended meanwhile");

        master.State.BootTime = Lease;
        master.Send(new SupervisorMessage.LeaseExpired());
        Assert.That(master.Commands.OfType<KillWorker>().Single().Spawn, Is.EqualTo(master.Worker().Spawn));
        master.Settle();
        Assert.That(master.Slot(0).LastExit!.Reason, Is.EqualTo(WorkerExitReason.LeaseEnded));
    }

    [Test]
    public void Planned_replacements_do_not_use_more_incarnations_than_granted()
    {
        var master = Create();
        master.Send(new SupervisorMessage.SlotGranted("Shared", 0, 7, FirstIncarnation: 5, LastIncarnation: 5));
        master.Settle();
        master.Send(new SupervisorMessage.ReloadRequested(1, new ReloadAction.RestartService("Shared")));
        master.Settle();
        Assert.That(master.AllCommands.OfType<AssignWorker>().Select(a => a.Assignment.Incarnation), Is.EqualTo(new[] { 5 }));
        Assert.That(master.AllCommands.OfType<ReturnWorkerId>(), Has.One.Items);
        Assert.That(master.AllCommands.OfType<CompleteReload>(), Has.One.Items, "the reload has ended");
    }

    [Test]
    public void Number_of_workers_cannot_be_changed_for_one_machine_only()
    {
        var master = Create();
        master.Scale(3, request: 1);
        Assert.That(master.Commands.Answers().Single().Error, Does.Contain("only be changed in the configuration: Cotyledon:Services:Shared:Workers"));

        master.Send(new SupervisorMessage.ScaleRequested("Shared", null, 2));
        Assert.That(master.Commands.Answers().Single().Error, Is.Null);
        Assert.That(master.Commands.OfType<OfferServices>(), Has.One.Items, "given up workers are tried again");
    }

    [Test]
    public void Changed_configuration_is_offered_to_the_cluster_and_a_new_number_is_sent_to_the_workers()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1);
        master.Settle();
        var more = Shared with { Workers = 5 };
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [more]));
        Assert.That(master.Commands.OfType<OfferServices>().Single().Services, Is.EqualTo(new[] { more }));
        Assert.That((master.Service.Target, master.Service.WorkerCount), Is.EqualTo((1, 2)));

        master.Send(new SupervisorMessage.ClusterScaled("Shared", 5));
        Assert.That(master.Commands.OfType<UpdateWorker>().Single().WorkerCount, Is.EqualTo(5));
        Assert.That(master.Service.Slots, Has.Count.EqualTo(5));
    }

    [Test]
    public void Restart_of_a_worker_that_runs_elsewhere_is_rejected_and_others_are_restarted()
    {
        var master = Create();
        Grant(master, workerId: 0, first: 1);
        master.Settle();
        master.Send(new SupervisorMessage.ReloadRequested(1, new ReloadAction.RestartWorker("Shared", 1)));
        Assert.That(master.AllCommands.OfType<CompleteReload>().Single().Error, Does.Contain("does not run on this machine"));

        master.Send(new SupervisorMessage.ReloadRequested(2, new ReloadAction.RestartService("Shared")));
        master.Settle();
        Assert.That(master.Worker().Incarnation, Is.EqualTo(2));
        Assert.That(master.AllCommands.OfType<CompleteReload>().Last().Services.Single().Replaced, Is.EqualTo(1));
    }

    [Test]
    public void Grant_for_an_unknown_service_changes_nothing()
    {
        var master = Create();
        master.Send(new SupervisorMessage.SlotGranted("Other", 0, 1, 1, 2));
        master.Send(new SupervisorMessage.SlotRevoked("Other", 0, 1, false, WorkerExitReason.Stopped, ""));
        master.Send(new SupervisorMessage.ClusterScaled("Other", 3));
        Assert.That(master.Commands, Is.Empty);
    }

    private static Master Create(ServiceSettings? settings = null)
    {
        var master = new Master(settings ?? Shared);
        master.Start();
        master.Send(new SupervisorMessage.ClusterScaled("Shared", 2));
        master.Send(new SupervisorMessage.LeaseExtended(Lease));
        return master;
    }

    private static void Grant(Master master, int workerId, long first, long grant = 1) =>
        master.Send(new SupervisorMessage.SlotGranted("Shared", workerId, grant, first, first + 999_999));

    private static void Revoke(Master master, int workerId, long grant, bool isLost = false) => master.Send(new SupervisorMessage.SlotRevoked(
        "Shared", workerId, grant, isLost, isLost ? WorkerExitReason.LeaseEnded : WorkerExitReason.Stopped, "of the test"));
}
