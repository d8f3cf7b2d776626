using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class ResizeTests
{
    [Test]
    public void More_workers_are_started_with_the_next_ids_and_the_old_ones_hear_of_it()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();

        master.Resize(4);

        Assert.That(master.Commands, Is.EquivalentTo(new object[]
        {
            new RecordResize("Poller", 2, 4),
            new UpdateWorker(1, 4, Poller.GracefulTimeout, Timeout.InfiniteTimeSpan),
            new UpdateWorker(2, 4, Poller.GracefulTimeout, Timeout.InfiniteTimeSpan),
            new StartWorker(3, "Poller", 2, StartSettings.Inherited),
            new StartWorker(4, "Poller", 3, StartSettings.Inherited),
        }));
    }

    [Test]
    public void With_fewer_workers_the_highest_ids_leave_first()
    {
        var master = new Master(Poller with { Workers = 5 }).StartAndSettle();

        master.Resize(2);

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

        Assert.That(master.Resize(2), Is.Empty);
    }

    [Test]
    public void Processes_that_have_not_said_hello_are_killed_when_they_are_not_wanted_any_more()
    {
        var master = new Master(Poller with { Workers = 2 });
        master.Start();

        Assert.That(master.Resize(1).KilledSpawns(), Is.EqualTo(new[] { 2 }));
        var exit = master.Exit(master.Worker(1), Cotyledon.Hosting.Supervision.ExitStatus.Signaled(9)).Exit();
        Assert.That(exit.Reason, Is.EqualTo(WorkerExitReason.Stopped));
        Assert.That(exit.NextStart, Is.Null);
        Assert.That(master.Slot(1).Restarts, Is.Zero);
    }

    [Test]
    public void A_process_that_is_assigned_later_hears_the_latest_number()
    {
        var master = new Master(Poller with { Workers = 2 });
        master.Start();
        master.Resize(3);

        master.Hello(master.Worker(0));

        Assert.That(master.Commands.OfType<AssignWorker>().Single().Assignment.WorkerCount, Is.EqualTo(3));
    }

    [Test]
    public void Workers_that_are_on_their_way_out_are_not_told_the_number()
    {
        var master = new Master(Poller with { Workers = 3 }).StartAndSettle();
        master.Leaving(master.Worker(0), WorkerExitReason.Terminated);

        master.Resize(4);

        Assert.That(master.Commands.OfType<UpdateWorker>().Select(c => c.Spawn), Is.EqualTo(new[] { 2, 3 }));
    }

    [Test]
    public void Up_again_while_the_surplus_stops_refills_each_slot_when_its_old_process_is_gone()
    {
        var master = new Master(Poller with { Workers = 3 }).StartAndSettle();
        master.Resize(1);
        var (second, third) = (master.Worker(1), master.Worker(2));

        Assert.That(master.Resize(3).StartedIds(), Is.Empty);
        Assert.That(master.Exit(third, 0).StartedIds(), Is.EqualTo(new[] { 2 }));
        Assert.That(master.Exit(second, 0).StartedIds(), Is.EqualTo(new[] { 1 }));
        master.Settle();
        Assert.That(master.Worker(1).Incarnation, Is.EqualTo(2));
        Assert.That(master.Slot(1).Restarts, Is.Zero, "it was asked to leave");
    }

    [Test]
    public void Down_up_and_down_again_while_the_surplus_stops_asks_it_once()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Resize(1);
        master.Resize(2);

        Assert.That(master.Resize(1).StoppedSpawns(), Is.Empty);
        Assert.That(master.Exit(master.Worker(1), 0).StartedIds(), Is.Empty);
        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void Zero_is_a_pause_and_the_incarnations_go_on_after_it()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();

        master.Resize(0);
        master.Settle();
        Assert.That(master.HeldSlots(), Is.Empty);
        Assert.That(master.Advance(TimeSpan.FromDays(1)), Is.Empty);

        Assert.That(master.Resize(2).StartedIds(), Is.EqualTo(new[] { 0, 1 }));
        master.Settle();
        Assert.That(master.Worker(1).Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void A_hole_is_refilled_with_its_own_id_and_not_filled_up_from_above()
    {
        var master = new Master(Poller with { Workers = 4 }).StartAndSettle();

        master.Exit(master.Worker(1), 2);
        master.Settle();

        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 0, 1, 2, 3 }));
        Assert.That(master.State.Processes.Values.Select(p => p.Incarnation), Is.EquivalentTo(new[] { 1, 1, 1, 2 }));
    }

    [TestCase(2)]
    [TestCase(3)]
    public void A_slot_that_backs_off_is_tried_at_once_whatever_the_new_number(int workers)
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Exit(master.Worker(1), 2);
        master.Settle();
        master.Exit(master.Worker(1), 2);
        Assert.That(master.Slot(1).State, Is.EqualTo(WorkerState.BackingOff));

        Assert.That(master.Resize(workers).StartedIds(), Does.Contain(1));
    }

    [Test]
    public void A_wait_that_ends_outside_the_target_starts_nothing()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        master.Exit(master.Worker(), 2);
        master.Resize(0);

        Assert.That(master.Advance(TimeSpan.FromDays(1)), Is.Empty);
        Assert.That(master.Resize(1).StartedIds(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void Other_services_do_not_notice()
    {
        var master = new Master(Poller, Sender with { Workers = 2 }).StartAndSettle();

        master.Resize(0);
        master.Settle();

        Assert.That(master.HeldSlots(service: 1), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(master.State.Services[1].Target, Is.EqualTo(2));
    }
}
