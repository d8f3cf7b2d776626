using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>What ends a rolling restart before it is done, and what does not.</summary>
internal sealed class AbortedRestartTests
{
    [Test]
    public void When_the_new_worker_crashes_before_it_is_ready_the_others_keep_their_process()
    {
        var master = RollingRestart.In("new one is assigned");

        master.Exit(master.Worker(), 2);
        master.SettleAndWait();

        AssertAborted(master, untouched: [1, 2]);
        Assert.That(master.Worker().Incarnation, Is.EqualTo(3), "the slot itself is filled by the usual rules");
    }

    [Test]
    public void When_the_new_worker_does_not_get_ready_in_time_the_others_keep_their_process()
    {
        var master = RollingRestart.In("new one is assigned");
        var killed = master.Worker();
        master.Advance(Seconds(1));
        master.Hello(master.Successor(1));

        Assert.That(master.AdvanceToNextDeadline().KilledSpawns(), Is.EqualTo(new[] { killed.Spawn }));
        master.Exit(killed, ExitStatus.Signaled(9));
        master.SettleAndWait();

        AssertAborted(master, untouched: [1, 2]);
    }

    [TestCase("successor starts")]
    [TestCase("successor waits")]
    public void When_the_successor_dies_before_it_is_needed_nobody_was_touched(string phase)
    {
        var master = RollingRestart.In(phase);

        master.Exit(master.Successor(), 134);
        master.SettleAndWait();

        AssertAborted(master, untouched: phase == "successor waits" ? [0, 1] : [0, 1, 2]);
    }

    [Test]
    public void When_the_successor_dies_while_the_old_one_leaves_the_slot_is_filled_by_the_usual_rules()
    {
        var master = RollingRestart.In("old one leaves");

        master.Exit(master.Successor(), 134);
        master.SettleAndWait();

        AssertAborted(master, untouched: [1, 2]);
        Assert.That(master.Worker().Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void A_failure_gives_one_reason_for_each_worker_that_was_not_replaced()
    {
        var master = RollingRestart.In("successor starts");

        var commands = master.StartFailed(master.Successor(), "no such file");

        Assert.That(commands.OfType<CompleteReload>().Single().Services.Single().Failures, Has.Count.EqualTo(3)
            .And.All.Contains("worker 0").And.All.Contains("no such file"));
    }

    [Test]
    public void A_worker_that_takes_long_to_leave_does_not_end_the_replacement_of_the_next()
    {
        var master = new Master(Poller with { Workers = 2, GracefulTimeout = Seconds(60), ReadyTimeout = Seconds(5) });
        master.StartAndSettle();
        master.Reload(method: ReloadMethod.Restart);
        var old = master.Worker();
        master.Hello(master.Successor(0));
        master.Hello(master.Successor(1));
        master.Advance(Seconds(20));
        master.Advance(Seconds(20));
        master.Exit(old, 0);
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(2));
    }

    [Test]
    public void A_successor_waits_for_a_predecessor_that_leaves_by_itself()
    {
        var master = new Master(Poller with { Workers = 2, GracefulTimeout = Seconds(60), ReadyTimeout = Seconds(5) });
        master.StartAndSettle();
        master.Reload(method: ReloadMethod.Restart);
        master.Leaving(master.Worker(), WorkerExitReason.Terminated);
        master.Hello(master.Successor());
        master.Hello(master.Successor(1));
        master.Advance(Seconds(20));
        master.Exit(master.Worker(), 0);
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(2));
    }

    [Test]
    public void A_successor_that_waits_already_waits_for_a_predecessor_that_leaves_by_itself()
    {
        var master = new Master(Poller with { Workers = 2, GracefulTimeout = Seconds(60), ReadyTimeout = Seconds(5) });
        master.StartAndSettle();
        master.Exit(master.Worker(1), 2);
        master.Reload(method: ReloadMethod.Restart, service: 0);
        master.Hello(master.Successor());
        master.Leaving(master.Worker(), WorkerExitReason.Terminated);
        Settle(master, master.Worker(1));
        master.Hello(master.Successor(1));
        master.Advance(Seconds(20));
        master.Exit(master.Worker(), 0);
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Failures, Is.Empty);
    }

    [Test]
    public void A_restart_after_one_that_was_aborted_waits_for_the_dying_successor_and_is_done()
    {
        var master = RollingRestart.In("successor starts");
        var dying = master.Successor();
        master.Advance(Poller.ReadyTimeout);
        Assert.That(dying.State, Is.EqualTo(WorkerState.Killed));
        master.Exit(dying, ExitStatus.Signaled(9));
        master.AllCommands.Clear();

        master.Reload(request: 2, method: ReloadMethod.Restart);
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(3));
    }

    [Test]
    public void A_restart_that_comes_while_successors_of_an_aborted_one_die_is_done()
    {
        var master = RollingRestart.In("successor waits", maxUnavailable: 2);
        master.Exit(master.Successor(1), 134);
        var dying = master.Successor(0);
        Assert.That((dying.IsUnwanted, master.State.Operation), Is.EqualTo((true, (ReloadOperation?)null)));
        master.AllCommands.Clear();

        Assert.That(master.Reload(request: 2, method: ReloadMethod.Restart).StartedIds(), Does.Not.Contain(0));
        master.SettleAndWait();

        Assert.That(master.AllCommands.OfType<CompleteReload>().Single().Services.Single().Failures, Is.Empty);
        Assert.That(master.State.Processes.Values.Select(p => p.Spawn), Has.None.LessThanOrEqualTo(dying.Spawn));
    }

    /// <summary>The process in a slot, but no other one, does as it is told.</summary>
    private static void Settle(Master master, WorkerProcess process)
    {
        while (master.Cooperate(process))
        {
        }
    }

    private static void AssertAborted(Master master, int[] untouched)
    {
        Assert.That(master.AllCommands.Outcome()!.Failures, Is.Not.Empty);
        Assert.That(master.AllCommands.OfType<RecordAbortedReplacements>().Count(), Is.EqualTo(1));
        Assert.That(untouched.Select(id => (master.Worker(id).State, master.Worker(id).Incarnation)),
            Is.All.EqualTo((WorkerState.Ready, 1)));
    }
}
