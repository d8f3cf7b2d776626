using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class ResizeTests
{
    [Test]
    public void Scale_up_starts_workers_with_the_next_ids_and_updates_the_running_ones()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();

        master.Scale(4);

        Assert.That(master.Commands, Is.EquivalentTo(new object[]
        {
            new RecordScale("Poller", 2, 4),
            new UpdateWorker(1, 4, Poller.GracefulTimeout, Timeout.InfiniteTimeSpan),
            new UpdateWorker(2, 4, Poller.GracefulTimeout, Timeout.InfiniteTimeSpan),
            new StartWorker(3, "Poller", 2, StartSettings.Inherited),
            new StartWorker(4, "Poller", 3, StartSettings.Inherited),
        }));
    }

    [Test]
    public void Scale_down_stops_the_highest_ids_first()
    {
        var master = new Master(Poller with { Workers = 5 }).StartAndSettle();

        master.Scale(2);

        Assert.That(master.Commands.StoppedSpawns(), Is.EqualTo(new[] { 5, 4, 3 }));
        master.Settle();
        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(master.Slot(4).LastExit!.Reason, Is.EqualTo(WorkerExitReason.Stopped));
        Assert.That(master.Slot(4).LastExit!.NextStart, Is.Null);
    }

    [Test]
    public void The_same_number_changes_nothing()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();

        Assert.That(master.Scale(2), Is.Empty);
    }

    [Test]
    public void Surplus_processes_without_a_hello_are_killed()
    {
        var master = new Master(Poller with { Workers = 2 });
        master.Start();

        Assert.That(master.Scale(1).KilledSpawns(), Is.EqualTo(new[] { 2 }));
        var exit = master.Exit(master.Worker(1), ExitStatus.Signaled(9)).Exit();
        Assert.That(exit.Reason, Is.EqualTo(WorkerExitReason.Stopped));
        Assert.That(exit.NextStart, Is.Null);
        Assert.That(master.Slot(1).Failures.Restarts, Is.Zero);
    }

    [Test]
    public void A_process_assigned_after_a_resize_receives_the_new_number()
    {
        var master = new Master(Poller with { Workers = 2 });
        master.Start();
        master.Scale(3);

        master.Hello(master.Worker(0));

        Assert.That(master.Commands.OfType<AssignWorker>().Single().Assignment.WorkerCount, Is.EqualTo(3));
    }

    [Test]
    public void Stopping_workers_are_not_sent_the_new_number()
    {
        var master = new Master(Poller with { Workers = 3 }).StartAndSettle();
        master.Leaving(master.Worker(0), WorkerExitReason.Terminated);

        master.Scale(4);

        Assert.That(master.Commands.OfType<UpdateWorker>().Select(c => c.Spawn), Is.EqualTo(new[] { 2, 3 }));
    }

    [Test, Category("Guarantee 1")]
    public void Scale_up_while_surplus_workers_stop_refills_each_slot_after_its_process_has_exited()
    {
        var master = new Master(Poller with { Workers = 3 }).StartAndSettle();
        master.Scale(1);
        var (second, third) = (master.Worker(1), master.Worker(2));

        Assert.That(master.Scale(3).StartedIds(), Is.Empty);
        Assert.That(master.Exit(third, 0).StartedIds(), Is.EqualTo(new[] { 2 }));
        Assert.That(master.Exit(second, 0).StartedIds(), Is.EqualTo(new[] { 1 }));
        master.Settle();
        Assert.That(master.Worker(1).Incarnation, Is.EqualTo(2));
        Assert.That(master.Slot(1).Failures.Restarts, Is.Zero, "the exit was requested");
    }

    [Test]
    public void Repeated_scale_down_asks_a_stopping_worker_only_once()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Scale(1);
        master.Scale(2);

        Assert.That(master.Scale(1).StoppedSpawns(), Is.Empty);
        Assert.That(master.Exit(master.Worker(1), 0).StartedIds(), Is.Empty);
        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void Incarnations_continue_after_a_resize_to_zero()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();

        master.Scale(0);
        master.Settle();
        Assert.That(master.HeldSlots(), Is.Empty);
        Assert.That(master.Advance(TimeSpan.FromDays(1)), Is.Empty);

        Assert.That(master.Scale(2).StartedIds(), Is.EqualTo(new[] { 0, 1 }));
        master.Settle();
        Assert.That(master.Worker(1).Incarnation, Is.EqualTo(2));
    }

    [Test, Category("Guarantee 1")]
    public void A_crashed_worker_is_replaced_under_its_own_id_and_the_others_keep_theirs()
    {
        var master = new Master(Poller with { Workers = 4 }).StartAndSettle();

        master.Exit(master.Worker(1), 2);
        master.Settle();

        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 0, 1, 2, 3 }));
        Assert.That(master.State.Processes.Values.Select(p => p.Incarnation), Is.EquivalentTo(new[] { 1, 1, 1, 2 }));
    }

    [TestCase(2)]
    [TestCase(3)]
    public void Resize_ends_the_back_off_of_a_slot(int workers)
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Exit(master.Worker(1), 2);
        master.Settle();
        master.Exit(master.Worker(1), 2);
        Assert.That(master.Slot(1).State, Is.EqualTo(WorkerState.BackingOff));

        Assert.That(master.Scale(workers).StartedIds(), Does.Contain(1));
    }

    [Test]
    public void A_back_off_that_ends_outside_the_target_starts_nothing()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        master.Exit(master.Worker(), 2);
        master.Scale(0);

        Assert.That(master.Advance(TimeSpan.FromDays(1)), Is.Empty);
        Assert.That(master.Scale(1).StartedIds(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void Resize_does_not_affect_other_services()
    {
        var master = new Master(Poller, Sender with { Workers = 2 }).StartAndSettle();

        master.Scale(0);
        master.Settle();

        Assert.That(master.HeldSlots(service: 1), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(master.State.Services[1].Target, Is.EqualTo(2));
    }
}
