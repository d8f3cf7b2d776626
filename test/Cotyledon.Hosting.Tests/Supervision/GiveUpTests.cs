using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class GiveUpTests
{
    private static readonly ServiceSettings Limited = Poller with
    {
        MaxRestarts = 2,
        MaxRestartsWindow = Seconds(60),
        Backoff = new Backoff(Seconds(1), Seconds(1)),
    };

    [Test]
    public void A_slot_that_crashes_too_often_stays_down_and_the_others_keep_running()
    {
        var master = new Master(Limited with { Workers = 2 }).StartAndSettle();

        CrashUntilGivenUp(master, workerId: 0);

        Assert.That(master.Commands.InWords(), Is.EqualTo("exit Exited, give up"));
        Assert.That(master.Commands.Exit().NextStart, Is.Null);
        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.GivenUp));
        Assert.That(master.Advance(TimeSpan.FromDays(1)), Is.Empty);
        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 1 }));
        Assert.That(master.Exit(master.Worker(1), 2).StartedIds(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void Every_crash_within_the_limit_leads_to_a_restart()
    {
        var master = new Master(Limited).StartAndSettle();
        for (var i = 0; i < 2; i++)
        {
            Assert.That(master.Exit(master.Worker(), 2).Exit().NextStart, Is.Not.Null);
            master.Recover();
        }

        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.Ready));
    }

    [Test]
    public void Crashes_that_are_older_than_the_window_do_not_count()
    {
        var master = new Master(Limited).StartAndSettle();
        for (var i = 0; i < 10; i++)
        {
            master.Exit(master.Worker(), 2);
            master.Recover();
            master.Advance(Seconds(30.1));
        }

        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.Ready));
    }

    [Test]
    public void Without_a_limit_no_slot_is_given_up()
    {
        var master = new Master(Limited with { MaxRestarts = null }).StartAndSettle();
        for (var i = 0; i < 100; i++)
        {
            master.Exit(master.Worker(), 2);
            master.Recover();
        }

        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.Ready));
    }

    [Test]
    public void With_a_limit_of_zero_the_first_crash_gives_up_the_slot()
    {
        var master = new Master(Limited with { MaxRestarts = 0 }).StartAndSettle();
        master.Exit(master.Worker(), 2);

        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.GivenUp));
    }

    [TestCase("start failure")]
    [TestCase("no hello")]
    [TestCase("ready timeout")]
    [TestCase("another version")]
    public void Every_kind_of_failure_counts(string failure)
    {
        var master = new Master(Limited with { MaxRestartsWindow = TimeSpan.FromHours(1) });
        master.Start();
        for (var i = 0; i < 3; i++)
        {
            master.Advance(Seconds(2));
            var process = master.Worker();
            _ = failure switch
            {
                "start failure" => master.StartFailed(process),
                "no hello" => master.Exit(process, 134),
                "ready timeout" => master.Advance(Seconds(60)),
                _ => master.BreakProtocol(process, "version 2"),
            };
            if (process.State == WorkerState.Killed)
            {
                master.Exit(process, ExitStatus.Signaled(9));
            }
        }

        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.GivenUp));
    }

    [Test]
    public void Requested_exits_do_not_count()
    {
        var master = new Master(Limited).StartAndSettle();
        for (var i = 0; i < 10; i++)
        {
            master.AskForReplacement(master.Worker());
            master.Settle();
            master.Leaving(master.Worker(), WorkerExitReason.Terminated);
            master.Settle();
        }

        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.Ready));
    }

    [Test]
    public void A_program_whose_other_workers_are_ready_is_announced_with_the_number_of_given_up_workers()
    {
        var master = new Master(Limited with { Workers = 3, MaxRestarts = 0 });
        master.Start();
        master.Exit(master.Worker(0), 2);
        master.Exit(master.Worker(1), 2);

        master.Settle();

        Assert.That(master.AllCommands.OfType<AnnounceReady>(), Is.EqualTo(new[] { new AnnounceReady(GivenUp: 2) }));
    }

    [Test]
    public void Resize_to_the_same_number_retries_given_up_slots_with_reset_counters()
    {
        var master = new Master(Limited).StartAndSettle();
        CrashUntilGivenUp(master, workerId: 0);

        Assert.That(master.Scale(1, request: 1).StartedIds(), Is.EqualTo(new[] { 0 }));
        master.Settle();
        Assert.That(master.Exit(master.Worker(), 2).Exit().NextStart, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Changed_settings_of_the_service_retry_given_up_slots()
    {
        var master = new Master(Limited).StartAndSettle();
        CrashUntilGivenUp(master, workerId: 0);

        Assert.That(master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Limited])).StartedIds(), Is.Empty, "nothing has changed");
        var changed = Limited with { MaxRestarts = 5 };
        Assert.That(master.Send(new SupervisorMessage.SettingsChanged(Defaults, [changed])).StartedIds(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void A_slot_that_changed_settings_retry_is_not_reloaded_by_the_same_reload()
    {
        var master = new Master(Limited).StartAndSettle();
        CrashUntilGivenUp(master, workerId: 0);
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Limited with { MaxRestarts = 5 }]));

        var commands = master.Send(new SupervisorMessage.ReloadRequested(7, new ReloadAction.ReloadServices()));

        Assert.That(master.Worker().Reload.IsNeeded, Is.False, "the process was started with the new configuration");
        Assert.That(commands.OfType<CompleteReload>().Single().Services, Is.Empty.Or.All.Property("Failures").Empty);
    }

    [Test]
    public void A_given_up_slot_that_leaves_the_target_is_reset()
    {
        var master = new Master(Limited with { Workers = 2 }).StartAndSettle();
        CrashUntilGivenUp(master, workerId: 1);

        master.Scale(1);
        Assert.That(master.Service.GivenUp, Is.Zero);
        Assert.That(master.Scale(2).StartedIds(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void StopHost_stops_the_program_with_code_3()
    {
        var master = new Master(Limited with { OnGiveUp = GiveUpAction.StopHost }, Sender).StartAndSettle();

        CrashUntilGivenUp(master, workerId: 0);

        Assert.That(master.Commands.InWords(), Is.EqualTo("exit Exited, give up, hooks"));
        Assert.That(master.Commands.OfType<RecordGiveUp>().Single().Action, Is.EqualTo(GiveUpAction.StopHost));
        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("stop, Stopping"));
        Assert.That(master.Exit(master.Worker(0, service: 1), 0).End(), Is.EqualTo(new Finish(3, Fast: false)));
    }

    [Test]
    public void An_earlier_stop_request_keeps_its_exit_code()
    {
        var master = new Master(Limited with { OnGiveUp = GiveUpAction.StopHost, MaxRestarts = 1 }).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        master.Stop(7);

        master.Exit(master.Worker(), 2);

        Assert.That(master.Commands.OfType<RecordGiveUp>(), Is.Empty);
        Assert.That(master.HooksCompleted().End(), Is.EqualTo(new Finish(7, Fast: false)));
    }

    [Test]
    public void A_crash_beyond_the_limit_in_a_slot_outside_the_target_does_not_give_it_up()
    {
        var master = new Master(Limited with { OnGiveUp = GiveUpAction.StopHost, MaxRestarts = 1 }).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        var process = master.Worker();
        master.Leaving(process, WorkerExitReason.Faulted);
        master.Scale(0);

        master.Exit(process, 2);

        Assert.That(master.Commands.OfType<RecordGiveUp>(), Is.Empty);
        Assert.That(master.State.Phase, Is.EqualTo(SupervisorPhase.Running));
    }

    private static void CrashUntilGivenUp(Master master, int workerId)
    {
        for (var crashes = 0; crashes < 3; crashes++)
        {
            master.Recover(workerId);
            master.Exit(master.Worker(workerId), 2);
        }
    }
}
