using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Workers that ask to be replaced: by a successor that waits, and never too many at once.</summary>
internal sealed class ReplacementTests
{
    [Test]
    public void The_successor_says_hello_before_the_old_worker_is_asked_to_leave_and_takes_over_at_once()
    {
        var master = new Master(Poller).StartAndSettle();
        var old = master.Worker();

        Assert.That(master.AskForReplacement(old).InWords(), Is.EqualTo("start"));
        Assert.That(master.Hello(master.Successor()).InWords(), Is.EqualTo("stop, Stopping"));
        var commands = master.Exit(old, 0);

        Assert.That(commands.InWords(), Is.EqualTo("exit Replaced, assign, Assigned"));
        Assert.That(commands.Exit().NextStart, Is.EqualTo(TimeSpan.Zero));
        Assert.That((master.Worker().Incarnation, master.Slot(0).Restarts), Is.EqualTo((2, 0)));
    }

    [Test]
    public void One_after_the_other_each_only_when_the_one_before_works()
    {
        var master = new Master(Poller with { Workers = 3 }).StartAndSettle();
        var old = master.State.Processes.Values.ToList();

        Assert.That(master.AskForReplacement(old[1]).StartedIds(), Is.EqualTo(new[] { 1 }));
        Assert.That(master.AskForReplacement(old[0]).StartedIds(), Is.Empty);
        Assert.That(master.AskForReplacement(old[2]).StartedIds(), Is.Empty);
        Assert.That(master.Hello(master.Successor(1)).StoppedSpawns(), Is.EqualTo(new[] { 2 }));
        Assert.That(master.Hello(master.Successor(0)).StoppedSpawns(), Is.Empty, "in the order in which they asked");
        Assert.That(master.Exit(old[1], 0).StoppedSpawns(), Is.Empty);
        Assert.That(master.Ready(master.Worker(1)).StoppedSpawns(), Is.EqualTo(new[] { 1 }));
        master.Settle();
        Assert.That(old.Select(p => p.Slot.LastExit?.Reason), Is.All.EqualTo(WorkerExitReason.Replaced));
        Assert.That(master.State.Processes.Values.Select(p => p.Incarnation), Is.EqualTo(new[] { 2, 2, 2 }));
    }

    [TestCase(1, 1)]
    [TestCase(2, 2)]
    [TestCase(3, 3)]
    [TestCase(9, 4)]
    public void As_many_as_MaxUnavailable_allows_leave_at_the_same_time(int maxUnavailable, int stopped)
    {
        var master = new Master(Poller with { Workers = 4, MaxUnavailable = maxUnavailable }).StartAndSettle();
        master.State.Processes.Values.ToList().ForEach(p => master.AskForReplacement(p));

        master.State.Processes.Values.Where(p => !p.SaidHello).ToList().ForEach(p => master.Hello(p));

        Assert.That(master.State.Processes.Values.Count(p => p.IsOnItsWayOut), Is.EqualTo(stopped));
    }

    [Test]
    public void Asking_twice_replaces_once()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        foreach (var id in new[] { 0, 1, 1, 0 })
        {
            master.AskForReplacement(master.Worker(id));
        }

        master.Settle();

        Assert.That(master.State.Processes.Values.Select(p => p.Incarnation), Is.EqualTo(new[] { 2, 2 }));
    }

    [Test]
    public void A_crash_meanwhile_uses_up_the_budget()
    {
        var master = new Master(Poller with { Workers = 3 }).StartAndSettle();
        master.Exit(master.Worker(2), 2);
        master.AskForReplacement(master.Worker(0));

        Assert.That(master.Hello(master.Successor(0)).StoppedSpawns(), Is.Empty);
        master.Hello(master.Worker(2));
        Assert.That(master.Ready(master.Worker(2)).StoppedSpawns(), Is.EqualTo(new[] { 1 }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_worker_that_crashes_before_it_was_asked_is_replaced_by_its_successor(bool saidHello)
    {
        var master = new Master(Poller).StartAndSettle();
        var old = master.Worker();
        master.AskForReplacement(old);
        var successor = master.Successor();
        if (saidHello)
        {
            master.Leaving(old, WorkerExitReason.Faulted);
            master.Hello(successor);
        }

        Assert.That(master.Exit(old, 2).StartedIds(), Is.Empty);
        Assert.That(master.Worker(), Is.SameAs(successor));
        master.Settle();
        Assert.That(successor.State, Is.EqualTo(WorkerState.Ready));
        Assert.That(master.Worker().Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void Slots_that_were_given_up_do_not_count_as_missing()
    {
        var master = new Master(Poller with { Workers = 2, MaxRestarts = 1 }).StartAndSettle();
        master.Exit(master.Worker(1), 2);
        master.Settle();
        master.Exit(master.Worker(1), 2);
        Assert.That(master.Slot(1).State, Is.EqualTo(WorkerState.GivenUp));
        master.AskForReplacement(master.Worker(0));

        Assert.That(master.Hello(master.Successor(0)).StoppedSpawns(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_worker_that_does_not_work_yet_costs_nothing_and_is_replaced_at_once()
    {
        var master = new Master(Poller with { Workers = 2 });
        master.Start();
        master.Hello(master.Worker(1));
        master.AskForReplacement(master.Worker(1));

        Assert.That(master.Hello(master.Successor(1)).StoppedSpawns(), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void New_workers_of_a_resize_count_as_missing_until_they_work()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Resize(2);
        master.AskForReplacement(master.Worker(0));

        Assert.That(master.Hello(master.Successor(0)).StoppedSpawns(), Is.Empty);
        master.Settle();
        Assert.That(master.Worker(0).Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void Services_have_budgets_of_their_own()
    {
        var master = new Master(Poller, Sender).StartAndSettle();
        master.AskForReplacement(master.Worker(0));
        master.AskForReplacement(master.Worker(0, service: 1));

        Assert.That(master.Hello(master.Successor(0)).StoppedSpawns(), Is.EqualTo(new[] { 1 }));
        Assert.That(master.Hello(master.Successor(0, service: 1)).StoppedSpawns(), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void Successors_too_wait_for_a_place_to_start()
    {
        var master = new Master(Defaults with { MaxConcurrentStarts = 1 }, Poller, Sender).StartAndSettle();
        master.AskForReplacement(master.Worker(0));

        Assert.That(master.AskForReplacement(master.Worker(0, service: 1)).StartedIds(), Is.Empty);
        Assert.That(master.Hello(master.Successor(0)).StartedIds(), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_replacement_and_its_successor_are_dropped_when_the_slot_leaves_the_target()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.AskForReplacement(master.Worker(1));
        var successor = master.Successor(1);

        Assert.That(master.Resize(1).KilledSpawns(), Is.EqualTo(new[] { successor.Spawn }));
        master.Settle();

        Assert.That(master.State.Processes, Has.Count.EqualTo(1));
        Assert.That(master.Slot(1).LastExit!.Reason, Is.EqualTo(WorkerExitReason.Stopped));
    }

    [Test]
    public void A_successor_that_waits_is_killed_when_the_program_stops()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.AskForReplacement(master.Worker(0));
        var successor = master.Successor(0);
        master.Stop();

        Assert.That(master.Hello(successor), Is.Empty);
        Assert.That(master.HooksCompleted().KilledSpawns(), Is.EqualTo(new[] { successor.Spawn }));
        Assert.That(master.Commands.StoppedSpawns(), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void Asking_during_the_hooks_of_the_end_changes_nothing()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();

        Assert.That(master.AskForReplacement(master.Worker()), Is.Empty);
        master.HooksCompleted();
        Assert.That(master.Exit(master.Worker(), 0).Exit().Reason, Is.EqualTo(WorkerExitReason.Stopped));
    }

    [Test]
    public void A_replaced_worker_that_ignores_the_stop_is_killed_and_the_successor_takes_over()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        var old = master.Worker();
        master.AskForReplacement(old);
        master.Hello(master.Successor());

        Assert.That(master.AdvanceToNextDeadline().KilledSpawns(), Is.EqualTo(new[] { old.Spawn }));
        master.Exit(old, ExitStatus.Signaled(9));

        Assert.That(master.Commands.InWords(), Is.EqualTo("exit StopTimeout, assign, Assigned"));
    }
}
