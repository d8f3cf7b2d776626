using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The events that abort a rolling restart, and those that do not.</summary>
internal sealed class AbortedRestartTests
{
    [Test]
    public void Crash_of_the_new_worker_before_it_is_ready_aborts_the_restart()
    {
        var master = RollingRestart.In("new worker is assigned");

        master.Exit(master.Worker(), 2);
        master.SettleAndWait();

        AssertAborted(master, untouched: [1, 2]);
        Assert.That(master.Worker().Incarnation, Is.EqualTo(3), "the slot itself is filled by the normal restart rules");
    }

    [Test]
    public void Ready_timeout_of_the_new_worker_aborts_the_restart()
    {
        var master = RollingRestart.In("new worker is assigned");
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
    public void Exit_of_a_successor_before_it_takes_over_aborts_the_restart(string phase)
    {
        var master = RollingRestart.In(phase);

        master.Exit(master.Successor(), 134);
        master.SettleAndWait();

        AssertAborted(master, untouched: phase == "successor waits" ? [0, 1] : [0, 1, 2]);
    }

    [Test]
    public void Exit_of_a_successor_while_the_old_worker_stops_aborts_the_restart_and_the_slot_is_refilled()
    {
        var master = RollingRestart.In("old worker stops");

        master.Exit(master.Successor(), 134);
        master.SettleAndWait();

        AssertAborted(master, untouched: [1, 2]);
        Assert.That(master.Worker().Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void Aborted_restart_reports_one_failure_for_each_worker_that_was_not_replaced()
    {
        var master = RollingRestart.In("successor starts");

        var commands = master.StartFailed(master.Successor(), "no such file");

        Assert.That(commands.OfType<CompleteReload>().Single().Services.Single().Failures, Is.EqualTo(new[]
        {
            "the new process for worker 0 exited before it replaced the old one: StartFailed, no such file",
            "worker 1 is not replaced, because the replacement of worker 0 has failed",
            "worker 2 is not replaced, because the replacement of worker 0 has failed",
        }));
    }

    [Test]
    public void Slow_stop_of_one_worker_does_not_abort_the_replacement_of_the_next()
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
    public void A_successor_waits_for_a_predecessor_that_stops_on_its_own()
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
    public void A_waiting_successor_keeps_waiting_for_a_predecessor_that_stops_on_its_own()
    {
        var master = new Master(Poller with { Workers = 2, GracefulTimeout = Seconds(60), ReadyTimeout = Seconds(5) });
        master.StartAndSettle();
        master.Exit(master.Worker(1), 2);
        master.Restart();
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
    public void Restart_after_an_aborted_restart_replaces_all_workers()
    {
        var master = RollingRestart.In("successor starts");
        var unneeded = master.Successor();
        master.Advance(Poller.ReadyTimeout);
        Assert.That(unneeded.State, Is.EqualTo(WorkerState.Killed));
        master.Exit(unneeded, ExitStatus.Signaled(9));
        master.AllCommands.Clear();

        master.Reload(request: 2, method: ReloadMethod.Restart);
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(3));
    }

    [Test]
    public void Restart_requested_while_successors_of_an_aborted_restart_still_stop_completes()
    {
        var master = RollingRestart.In("successor waits", maxUnavailable: 2);
        master.Exit(master.Successor(1), 134);
        var unneeded = master.Successor(0);
        Assert.That((unneeded.Departure.IsRequested, master.State.Operation), Is.EqualTo((true, (ReloadOperation?)null)));
        master.AllCommands.Clear();

        Assert.That(master.Reload(request: 2, method: ReloadMethod.Restart).StartedIds(), Does.Not.Contain(0));
        master.SettleAndWait();

        Assert.That(master.AllCommands.OfType<CompleteReload>().Single().Services.Single().Failures, Is.Empty);
        Assert.That(master.State.Processes.Values.Select(p => p.Spawn), Has.None.LessThanOrEqualTo(unneeded.Spawn));
    }

    [Test]
    public void A_worker_whose_successor_waits_for_its_exit_is_replaced_although_another_one_fails()
    {
        var master = RollingRestart.In("successor starts", maxUnavailable: 2);
        master.Hello(master.Successor(0));
        master.Hello(master.Successor(1));
        master.Exit(master.Worker(0), 0);

        Assert.That(master.Exit(master.Worker(0), 134).Outcome(), Is.Null, "worker 1 is still being replaced");
        master.Exit(master.Worker(1), 0);
        master.Ready(master.Worker(1));

        var answer = master.AllCommands.Outcome()!;
        Assert.That((answer.Replaced, answer.Failures.Count), Is.EqualTo((1, 2)));
        Assert.That(answer.Failures, Has.None.Contains("worker 1 "));
    }

    /// <summary>Completes all pending steps of this process only.</summary>
    private static void Settle(Master master, ProcessState process)
    {
        while (master.TakeNextStep(process))
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
