using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A rolling restart, and the events that may occur during it.</summary>
internal sealed class RollingRestartTests
{
    private static readonly string[] Phases = ["successor starts", "successor waits", "old worker stops", "new worker is assigned"];

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(9)]
    [Category("Guarantee 5")]
    public void At_most_MaxUnavailable_workers_are_unavailable(int maxUnavailable)
    {
        var master = new Master(Poller with { Workers = 5, MaxUnavailable = maxUnavailable }).StartAndSettle();
        master.Reload(method: ReloadMethod.Restart);
        var fewest = master.Service.Ready;
        while (master.State.Processes.Values.FirstOrDefault(master.TakeNextStep) is not null)
        {
            fewest = Math.Min(fewest, master.Service.Ready);
        }

        Assert.That(fewest, Is.GreaterThanOrEqualTo(5 - maxUnavailable));
        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(5));
        Assert.That(master.AllCommands.OfType<RecordExit>().Select(c => c.Exit.Reason), Is.All.EqualTo(WorkerExitReason.Replaced));
    }

    [TestCase("successor starts")]
    [TestCase("successor waits")]
    [TestCase("old worker stops")]
    public void Crash_of_the_old_worker_does_not_abort_the_restart(string phase)
    {
        var master = RollingRestart.In(phase);

        master.Exit(master.Worker(), ExitStatus.Signaled(11));
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(3));
        Assert.That(master.Slot(0).Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void Crash_of_the_new_worker_after_it_was_ready_does_not_abort_the_restart()
    {
        var master = RollingRestart.In("new worker is assigned");
        master.Ready(master.Worker());

        master.Exit(master.Worker(), 2);
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(3));
    }

    [Test, Combinatorial]
    public void Resize_to_zero_completes_the_restart_and_a_later_scale_up_fills_each_slot(
        [ValueSource(nameof(Phases))] string phase, [Values] bool comesBack)
    {
        var master = RollingRestart.In(phase);

        master.Scale(0);
        Assert.That(master.AllCommands.OfType<CompleteReload>().Count(), Is.EqualTo(1));
        master.Scale(comesBack ? 3 : 0);
        master.SettleAndWait();

        Assert.That(master.HeldSlots().Count(), Is.EqualTo(comesBack ? 3 : 0));
        Assert.That(master.AllCommands.OfType<CompleteReload>().Count(), Is.EqualTo(1));
    }

    [Test]
    public void Workers_added_during_the_restart_are_not_replaced(
        [ValueSource(nameof(Phases))] string phase)
    {
        var master = RollingRestart.In(phase);

        master.Scale(5);
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(3));
        Assert.That((master.Worker(3).Incarnation, master.Worker(4).Incarnation), Is.EqualTo((1, 1)));
    }

    [Test, Combinatorial]
    public void Stop_during_the_restart_leaves_no_process_behind([ValueSource(nameof(Phases))] string phase, [Values] bool isFast)
    {
        var master = RollingRestart.In(phase);

        _ = isFast ? master.FastStop() : master.Stop();
        master.HooksCompleted();
        Assert.That(master.AllCommands.OfType<CompleteReload>().Count(), Is.EqualTo(1));
        master.Settle();

        Assert.That((master.State.HasStopped, master.State.Processes.Count), Is.EqualTo((true, 0)));
        Assert.That(master.State.ExitCode, Is.EqualTo(isFast ? 1 : 0));
    }

    [Test]
    public void Successors_start_one_at_a_time_if_MaxConcurrentStarts_is_1()
    {
        var master = new Master(
            Defaults with { MaxConcurrentStarts = 1 }, Poller with { Workers = 4, MaxUnavailable = 4 }).StartAndSettle();

        Assert.That(master.Reload(method: ReloadMethod.Restart).StartedIds(), Is.EqualTo(new[] { 0 }));
        Assert.That(master.Hello(master.Successor()).StartedIds(), Is.EqualTo(new[] { 1 }));
        master.Settle();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(4));
    }

    [Test]
    public void A_slot_given_up_during_the_restart_does_not_stop_the_others()
    {
        var master = new Master(Poller with { Workers = 3, MaxRestarts = 1 }).StartAndSettle();
        master.Exit(master.Worker(2), 2);
        master.Settle();
        master.Restart();

        master.Exit(master.Worker(2), 2);
        master.SettleAndWait();

        var outcome = master.AllCommands.Outcome()!;
        Assert.That((master.Slot(2).IsGivenUp, outcome.Replaced + outcome.Failures.Count), Is.EqualTo((true, 3)));
        Assert.That((master.Worker(0).Incarnation, master.Worker(1).Incarnation), Is.EqualTo((2, 2)));
    }

    [Test]
    public void A_given_up_worker_that_the_restart_tries_again_does_not_hold_up_the_others()
    {
        var master = new Master(Poller with { Workers = 3, MaxRestarts = 1 }).StartAndSettle();
        master.Exit(master.Worker(2), 2);
        Settle(master, master.Worker(2));
        master.Exit(master.Worker(2), 2);
        Assert.That(master.Slot(2).IsGivenUp);

        master.Restart();
        master.Hello(master.Worker(2));
        master.Hello(master.Successor());
        Assert.That(master.Commands.StoppedSpawns(), Is.EqualTo(new[] { 1 }), "it counts as missing no more than before");
        master.Exit(master.Worker(0), 0);
        master.Ready(master.Worker(0));
        master.Hello(master.Successor(1));
        master.Exit(master.Worker(1), 0);
        master.Ready(master.Worker(1));

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(2));
        Assert.That(master.AllCommands.OfType<RecordAbortedReplacements>(), Is.Empty);
        Assert.That(master.Service.Retried, Is.EqualTo(1));
        master.Settle();
        Assert.That(master.Service.Retried, Is.Zero);
    }

    [Test]
    public void StopHost_during_the_restart_stops_the_program_and_answers_the_reload()
    {
        var master = new Master(Poller with { Workers = 2, MaxRestarts = 1, OnGiveUp = GiveUpAction.StopHost }).StartAndSettle();
        master.Reload(method: ReloadMethod.Restart);
        master.Exit(master.Worker(1), 2);
        Settle(master, master.Worker(1));
        master.Exit(master.Worker(1), 2);
        master.HooksCompleted();
        master.Settle();

        Assert.That((master.State.HasStopped, master.State.ExitCode), Is.EqualTo((true, 3)));
        Assert.That(master.AllCommands.OfType<CompleteReload>().Count(), Is.EqualTo(1));
    }

    /// <summary>Completes all pending steps of this process only.</summary>
    private static void Settle(Master master, ProcessState process)
    {
        while (master.TakeNextStep(process))
        {
        }
    }
}
