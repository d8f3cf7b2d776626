using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Successors that fail or have to wait.</summary>
internal sealed class SuccessorTests
{
    [TestCase("exit", WorkerExitReason.Exited)]
    [TestCase("start failure", WorkerExitReason.StartFailed)]
    [TestCase("another version", WorkerExitReason.ProtocolMismatch)]
    [TestCase("ready timeout", WorkerExitReason.ReadyTimeout)]
    public void A_failed_successor_aborts_all_replacements_of_the_service_and_no_worker_is_stopped(
        string failure, WorkerExitReason reason)
    {
        var master = new Master(Poller with { Workers = 3 }).StartAndSettle();
        master.State.Processes.Values.ToList().ForEach(p => master.AskForReplacement(p));
        var successor = master.Successor(0);
        _ = failure switch
        {
            "exit" => master.Exit(successor, 134),
            "start failure" => master.StartFailed(successor),
            "another version" => master.BreakProtocol(successor, "version 2"),
            _ => master.Advance(Poller.ReadyTimeout),
        };
        if (successor.State == WorkerState.Killed)
        {
            master.Exit(successor, ExitStatus.Signaled(9));
        }

        Assert.That(master.Commands.Exit().Reason, Is.EqualTo(reason));
        Assert.That(master.Commands.OfType<RecordAbortedReplacements>().Single().Count, Is.EqualTo(3));
        Assert.That(
            master.State.Processes.Values.Select(p => (p.State, p.Incarnation)), Is.All.EqualTo((WorkerState.Ready, 1)));
        Assert.That(master.Advance(TimeSpan.FromDays(1)), Is.Empty);
        Assert.That(master.AskForReplacement(master.Worker(1)).StartedIds(), Is.EqualTo(new[] { 1 }), "tried again");
    }

    [Test]
    public void A_replacement_that_exits_before_it_is_ready_aborts_the_others()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.AskForReplacement(master.Worker(0));
        master.AskForReplacement(master.Worker(1));
        var old = master.Worker(0);
        master.Hello(master.Successor(0));
        master.Exit(old, 0);

        master.Exit(master.Worker(0), 2);

        Assert.That(master.Commands.OfType<RecordAbortedReplacements>(), Is.Not.Empty);
        master.Settle();
        Assert.That((master.Worker(0).Incarnation, master.Worker(1).Incarnation), Is.EqualTo((3, 1)));
    }

    [Test]
    public void A_successor_waits_without_a_deadline_for_its_stopping_predecessor()
    {
        var master = new Master(Poller with { GracefulTimeout = Timeout.InfiniteTimeSpan, ReadyTimeout = Seconds(5) }).StartAndSettle();
        var old = master.Worker();
        master.AskForReplacement(old);
        master.Hello(master.Successor());
        master.Advance(Seconds(100));
        master.Exit(old, 0);

        Assert.That(master.Worker().State, Is.EqualTo(WorkerState.Assigned));
        Assert.That(master.Advance(Seconds(5)).KilledSpawns(), Is.EqualTo(new[] { 2 }), "the ready timeout starts with the assignment");
    }

    [Test]
    public void A_successor_waits_at_most_its_ready_timeout_while_MaxUnavailable_is_used_up()
    {
        var master = new Master(Poller with { Workers = 2, ReadyTimeout = Seconds(5), GracefulTimeout = Seconds(60) });
        master.StartAndSettle();
        master.Leaving(master.Worker(1), WorkerExitReason.Terminated);
        master.AskForReplacement(master.Worker(0));
        var successor = master.Successor(0);
        master.Hello(successor);

        master.Advance(Seconds(5));

        Assert.That(master.Commands.OfType<RecordAbortedReplacements>().Single().Count, Is.EqualTo(1));
        Assert.That(master.Commands.StoppedSpawns(), Is.EqualTo(new[] { successor.Spawn }));
        Assert.That(master.Worker(0).State, Is.EqualTo(WorkerState.Ready));
    }

    [Test]
    public void A_stopping_successor_does_not_get_the_slot()
    {
        var master = new Master(Poller).StartAndSettle();
        var old = master.Worker();
        master.AskForReplacement(old);
        var successor = master.Successor();
        master.Hello(successor);
        master.Leaving(successor, WorkerExitReason.Faulted);

        Assert.That(master.Exit(old, 0).InWords(), Is.EqualTo("exit Replaced, start"));
        Assert.That(successor.State, Is.EqualTo(WorkerState.Stopping));
        master.Exit(successor, 2);
        master.Settle();
        Assert.That(master.Worker().Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void A_successor_that_does_not_finish_its_stop_is_killed_at_the_timeout()
    {
        var master = new Master(Poller with { Workers = 2, GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Exit(master.Worker(1), 2);
        master.AskForReplacement(master.Worker(0));
        var successor = master.Successor(0);
        master.Hello(successor);
        master.Leaving(successor, WorkerExitReason.Faulted);

        Assert.That(
            master.Advance(Seconds(5) + ServiceSettings.KillDelay).KilledSpawns(), Is.EqualTo(new[] { successor.Spawn }));
    }

    [Test]
    public void A_worker_can_be_replaced_again_after_a_cancelled_successor()
    {
        var master = new Master(Poller with { MaxRestarts = 1 }).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        master.AskForReplacement(master.Worker());
        var successor = master.Successor();
        master.Exit(master.Worker(), 2);
        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.GivenUp));
        master.Scale(1);
        master.Exit(successor, ExitStatus.Signaled(9));
        master.Settle();
        master.Advance(Poller.StableAfter);

        Assert.That(master.AskForReplacement(master.Worker()).StartedIds(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void A_worker_that_crashes_before_its_replacement_is_restarted_once_and_can_request_again()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.AskForReplacement(master.Worker(0));
        master.AskForReplacement(master.Worker(1));
        master.Exit(master.Worker(1), 2);
        master.Settle();
        Assert.That(master.Worker(1).Incarnation, Is.EqualTo(2));

        master.Advance(Poller.StableAfter);
        master.AskForReplacement(master.Worker(1));
        master.Settle();
        Assert.That(master.Worker(1).Incarnation, Is.EqualTo(3));
    }
}
