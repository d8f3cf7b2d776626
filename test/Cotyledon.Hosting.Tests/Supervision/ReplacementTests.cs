using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Workers that request their replacement: the successor starts first, and MaxUnavailable is respected.</summary>
internal sealed class ReplacementTests
{
    [Test]
    public void The_old_worker_is_asked_to_stop_after_the_hello_of_its_successor_which_takes_over_at_once()
    {
        var master = new Master(Poller).StartAndSettle();
        var old = master.Worker();

        Assert.That(master.AskForReplacement(old).InWords(), Is.EqualTo("start"));
        Assert.That(master.Hello(master.Successor()).InWords(), Is.EqualTo("stop, Stopping"));
        var commands = master.Exit(old, 0);

        Assert.That(commands.InWords(), Is.EqualTo("exit Replaced, assign, Assigned"));
        Assert.That(commands.Exit().NextStart, Is.EqualTo(TimeSpan.Zero));
        Assert.That((master.Worker().Incarnation, master.Slot(0).Failures.Restarts), Is.EqualTo((2, 0)));
    }

    [Test]
    public void Workers_are_replaced_one_after_the_other_each_after_the_previous_one_is_ready()
    {
        var master = new Master(Poller with { Workers = 3 }).StartAndSettle();
        var old = master.State.Processes.Values.ToList();

        Assert.That(master.AskForReplacement(old[1]).StartedIds(), Is.EqualTo(new[] { 1 }));
        Assert.That(master.AskForReplacement(old[0]).StartedIds(), Is.Empty);
        Assert.That(master.AskForReplacement(old[2]).StartedIds(), Is.Empty);
        Assert.That(master.Hello(master.Successor(1)).StoppedSpawns(), Is.EqualTo(new[] { 2 }));
        Assert.That(master.Hello(master.Successor(0)).StoppedSpawns(), Is.Empty, "in the order of the requests");
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
    public void Up_to_MaxUnavailable_workers_stop_at_the_same_time(int maxUnavailable, int stopped)
    {
        var master = new Master(Poller with { Workers = 4, MaxUnavailable = maxUnavailable }).StartAndSettle();
        master.State.Processes.Values.ToList().ForEach(p => master.AskForReplacement(p));

        master.State.Processes.Values.Where(p => !p.SaidHello).ToList().ForEach(p => master.Hello(p));

        Assert.That(master.State.Processes.Values.Count(p => p.IsLeaving), Is.EqualTo(stopped));
    }

    [Test]
    public void Repeated_requests_replace_a_worker_once()
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
    public void A_crashed_worker_counts_towards_MaxUnavailable()
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
    public void A_worker_that_crashes_before_its_stop_is_replaced_by_its_successor(bool saidHello)
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
    public void Given_up_slots_do_not_count_towards_MaxUnavailable()
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
    public void A_worker_that_is_not_ready_yet_is_replaced_regardless_of_MaxUnavailable()
    {
        var master = new Master(Poller with { Workers = 2 });
        master.Start();
        master.Hello(master.Worker(1));
        master.AskForReplacement(master.Worker(1));

        Assert.That(master.Hello(master.Successor(1)).StoppedSpawns(), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void New_workers_of_a_resize_count_towards_MaxUnavailable_until_they_are_ready()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Scale(2);
        master.AskForReplacement(master.Worker(0));

        Assert.That(master.Hello(master.Successor(0)).StoppedSpawns(), Is.Empty);
        master.Settle();
        Assert.That(master.Worker(0).Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void MaxUnavailable_applies_to_each_service_separately()
    {
        var master = new Master(Poller, Sender).StartAndSettle();
        master.AskForReplacement(master.Worker(0));
        master.AskForReplacement(master.Worker(0, service: 1));

        Assert.That(master.Hello(master.Successor(0)).StoppedSpawns(), Is.EqualTo(new[] { 1 }));
        Assert.That(master.Hello(master.Successor(0, service: 1)).StoppedSpawns(), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void Successors_count_towards_MaxConcurrentStarts()
    {
        var master = new Master(Defaults with { MaxConcurrentStarts = 1 }, Poller, Sender).StartAndSettle();
        master.AskForReplacement(master.Worker(0));

        Assert.That(master.AskForReplacement(master.Worker(0, service: 1)).StartedIds(), Is.Empty);
        Assert.That(master.Hello(master.Successor(0)).StartedIds(), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_replacement_and_its_successor_are_cancelled_when_the_slot_leaves_the_target()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.AskForReplacement(master.Worker(1));
        var successor = master.Successor(1);

        Assert.That(master.Scale(1).KilledSpawns(), Is.EqualTo(new[] { successor.Spawn }));
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
    public void A_replacement_request_during_the_terminate_hooks_has_no_effect()
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
