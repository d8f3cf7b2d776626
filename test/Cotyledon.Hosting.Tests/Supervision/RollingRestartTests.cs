using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A rolling restart, and what may come in between.</summary>
internal sealed class RollingRestartTests
{
    private static readonly string[] Phases = ["successor starts", "successor waits", "old one leaves", "new one is assigned"];

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(9)]
    public void Never_more_than_MaxUnavailable_are_missing(int maxUnavailable)
    {
        var master = new Master(Poller with { Workers = 5, MaxUnavailable = maxUnavailable }).StartAndSettle();
        master.Reload(method: ReloadMethod.Restart);
        var fewest = master.Service.Ready;
        while (master.State.Processes.Values.FirstOrDefault(master.Cooperate) is not null)
        {
            fewest = Math.Min(fewest, master.Service.Ready);
        }

        Assert.That(fewest, Is.GreaterThanOrEqualTo(5 - maxUnavailable));
        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(5));
        Assert.That(master.AllCommands.OfType<RecordExit>().Select(c => c.Exit.Reason), Is.All.EqualTo(WorkerExitReason.Replaced));
    }

    [TestCase("successor starts")]
    [TestCase("successor waits")]
    [TestCase("old one leaves")]
    public void When_the_old_worker_crashes_its_slot_is_filled_and_the_restart_goes_on(string phase)
    {
        var master = RollingRestart.In(phase);

        master.Exit(master.Worker(), ExitStatus.Signaled(11));
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(3));
        Assert.That(master.Slot(0).Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void When_the_new_worker_crashes_after_it_was_ready_the_restart_goes_on()
    {
        var master = RollingRestart.In("new one is assigned");
        master.Ready(master.Worker());

        master.Exit(master.Worker(), 2);
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(3));
    }

    [Test, Combinatorial]
    public void A_slot_that_leaves_the_target_and_comes_back_is_not_waited_for_and_filled_once(
        [ValueSource(nameof(Phases))] string phase, [Values] bool comesBack)
    {
        var master = RollingRestart.In(phase);

        master.Resize(0);
        Assert.That(master.AllCommands.OfType<CompleteReload>().Count(), Is.EqualTo(1));
        master.Resize(comesBack ? 3 : 0);
        master.SettleAndWait();

        Assert.That(master.HeldSlots().Count(), Is.EqualTo(comesBack ? 3 : 0));
        Assert.That(master.AllCommands.OfType<CompleteReload>().Count(), Is.EqualTo(1));
    }

    [Test]
    public void Workers_that_come_new_in_the_middle_are_not_replaced(
        [ValueSource(nameof(Phases))] string phase)
    {
        var master = RollingRestart.In(phase);

        master.Resize(5);
        master.SettleAndWait();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(3));
        Assert.That((master.Worker(3).Incarnation, master.Worker(4).Incarnation), Is.EqualTo((1, 1)));
    }

    [Test, Combinatorial]
    public void A_stop_in_the_middle_leaves_nobody_behind([ValueSource(nameof(Phases))] string phase, [Values] bool isFast)
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
    public void One_after_the_other_starts_where_there_is_one_place_only()
    {
        var master = new Master(
            Defaults with { MaxConcurrentStarts = 1 }, Poller with { Workers = 4, MaxUnavailable = 4 }).StartAndSettle();

        Assert.That(master.Reload(method: ReloadMethod.Restart).StartedIds(), Is.EqualTo(new[] { 0 }));
        Assert.That(master.Hello(master.Successor()).StartedIds(), Is.EqualTo(new[] { 1 }));
        master.Settle();

        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(4));
    }

    [Test]
    public void A_slot_that_is_given_up_in_the_middle_is_a_failure_and_the_others_go_on()
    {
        var master = new Master(Poller with { Workers = 3, MaxRestarts = 1 }).StartAndSettle();
        master.Exit(master.Worker(2), 2);
        master.Settle();
        master.Reload(method: ReloadMethod.Restart, service: 0);

        master.Exit(master.Worker(2), 2);
        master.SettleAndWait();

        var outcome = master.AllCommands.Outcome()!;
        Assert.That((master.Slot(2).IsGivenUp, outcome.Replaced + outcome.Failures.Count), Is.EqualTo((true, 3)));
        Assert.That((master.Worker(0).Incarnation, master.Worker(1).Incarnation), Is.EqualTo((2, 2)));
    }

    [Test]
    public void Giving_up_on_the_host_in_the_middle_stops_it_and_answers()
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

    /// <summary>The process in a slot, but no other one, does as it is told.</summary>
    private static void Settle(Master master, WorkerProcess process)
    {
        while (master.Cooperate(process))
        {
        }
    }
}
