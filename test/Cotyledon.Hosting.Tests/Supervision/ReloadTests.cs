using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class ReloadTests
{
    [Test]
    public void Every_worker_reloads_in_place_and_the_last_one_completes_the_reload()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();

        Assert.That(master.Reload().InWords(), Is.EqualTo("reload, reload"));
        Assert.That(master.Reloaded(master.Worker(1)).Outcome(), Is.Null);
        Assert.That(master.Reloaded(master.Worker(0)).Outcome(), Is.EqualTo(new ServiceReload { Service = "Poller", Reloaded = 2 })
            .Using<ServiceReload>(AreSame));
    }

    [Test]
    public void A_worker_that_cannot_reload_in_place_is_replaced()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Reload();

        Assert.That(master.CannotReload(master.Worker()).InWords(), Is.EqualTo("start"));
        master.Settle();

        Assert.That(master.Commands.Outcome()!.Replaced, Is.EqualTo(1));
        Assert.That(master.Worker().Incarnation, Is.EqualTo(2));
    }

    [Test]
    public void A_restart_replaces_the_workers_one_after_the_other()
    {
        var master = new Master(Poller with { Workers = 3 }).StartAndSettle();

        Assert.That(master.Reload(method: ReloadMethod.Restart).InWords(), Is.EqualTo("start"));
        master.Settle();

        Assert.That(master.Commands.Outcome()!.Replaced, Is.EqualTo(3));
        Assert.That(master.State.Processes.Values.Select(p => p.Incarnation), Is.EqualTo(new[] { 2, 2, 2 }));
    }

    [Test]
    public void A_service_with_ReloadMethod_None_is_not_reloaded()
    {
        var master = new Master(Poller with { ReloadMethod = ReloadMethod.None }).StartAndSettle();

        Assert.That(master.Reload().InWords(), Is.EqualTo("reloaded"));
    }

    [Test]
    public void Only_the_service_that_was_named_restarts()
    {
        var master = new Master(Poller, Sender).StartAndSettle();

        master.Restart(service: 1);

        Assert.That(master.State.Services.Select(s => s.Slots[0].Successor is not null), Is.EqualTo(new[] { false, true }));
    }

    [Test]
    public void A_starting_worker_reloads_as_soon_as_it_is_ready()
    {
        var master = new Master(Poller);
        master.Start();
        master.Hello(master.Worker());

        Assert.That(master.Reload(), Is.Empty);
        Assert.That(master.Ready(master.Worker()).OfType<ReloadWorker>().Count(), Is.EqualTo(1));
        Assert.That(master.Reloaded(master.Worker()).Outcome()!.Reloaded, Is.EqualTo(1));
    }

    [Test]
    public void A_worker_that_takes_too_long_to_reload_is_replaced()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Reload();

        Assert.That(master.Advance(Seconds(5)).InWords(), Is.EqualTo("start"));
        master.Settle();

        Assert.That(master.Commands.Outcome()!.Replaced, Is.EqualTo(1));
    }

    [Test]
    public void A_worker_that_crashes_during_the_reload_is_restarted_and_counts_as_replaced()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Reload();

        master.Exit(master.Worker(), 2);
        master.Settle();

        Assert.That(master.Commands.Outcome()!.Replaced, Is.EqualTo(1));
    }

    [Test]
    public void Reload_does_not_wait_for_a_slot_that_leaves_the_target()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Reload();
        master.Reloaded(master.Worker(0));

        Assert.That(master.Scale(1).Outcome()!.Reloaded, Is.EqualTo(1));
    }

    [Test]
    public void A_stop_ends_the_reload()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Reload();
        master.Stop();

        Assert.That(master.HooksCompleted().OfType<CompleteReload>().Count(), Is.EqualTo(1));
    }

    [Test]
    public void A_stop_ends_a_reload_that_waits_for_a_slot_that_is_empty()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        master.Reload();
        master.Exit(master.Worker(), 2);
        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.BackingOff));
        var commands = master.Stop().Concat(master.HooksCompleted());

        Assert.That(commands.OfType<CompleteReload>().Count(), Is.EqualTo(1));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Before_the_start_and_after_the_end_a_reload_is_answered_at_once(bool hasStopped)
    {
        var master = new Master(Poller);
        if (hasStopped)
        {
            master.Stop();
        }

        Assert.That(master.Reload().InWords(), Is.EqualTo("reloaded"));
    }

    [Test]
    public void New_settings_change_the_number_of_workers_and_are_sent_to_running_workers()
    {
        var master = new Master(Poller).StartAndSettle();

        master.Send(new SupervisorMessage.SettingsChanged(
            Defaults, [Poller with { Workers = 2, GracefulTimeout = Seconds(7), MaxUnavailable = 2 }]));

        Assert.That(master.Commands.StartedIds(), Is.EqualTo(new[] { 1 }));
        Assert.That(master.Commands.OfType<UpdateWorker>().Last(), Is.EqualTo(new UpdateWorker(1, 2, Seconds(7), Timeout.InfiniteTimeSpan)));
        Assert.That(master.Service.Settings.MaxUnavailable, Is.EqualTo(2));
    }

    [Test]
    public void Worker_count_set_by_the_API_is_kept_if_the_configured_count_is_unchanged()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Scale(3);
        master.Settle();

        Assert.That(master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { MaxRestarts = 5 }])), Is.Empty);
        Assert.That(master.Service.Target, Is.EqualTo(3));
    }

    [Test]
    public void A_stopping_worker_that_requests_replacement_is_still_killed_at_the_timeout()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Reload();
        master.Scale(0);
        master.AskForReplacement(master.Worker());

        Assert.That(master.Advance(Seconds(5) + ServiceSettings.KillDelay).KilledSpawns(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_successor_started_before_the_reload_reloads_too()
    {
        var master = new Master(Poller).StartAndSettle();
        var old = master.Worker();
        master.AskForReplacement(old);
        master.Hello(master.Successor());

        var commands = master.Reload().Concat(master.Exit(old, 0)).ToList();
        commands.AddRange(master.Ready(master.Worker()));
        Assert.That(commands.OfType<CompleteReload>(), Is.Empty);
        Assert.That(commands.Last(), Is.EqualTo(new ReloadWorker(2)));

        Assert.That(master.Reloaded(master.Worker()).Outcome()!.Reloaded, Is.EqualTo(1));
    }

    [Test]
    public void A_successor_started_before_the_reload_is_replaced_if_its_service_cannot_reload()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.AskForReplacement(master.Worker());
        var stale = master.Successor();
        master.Reload();

        master.CannotReload(master.Worker(0));
        Assert.That(master.Commands.KilledSpawns(), Is.EqualTo(new[] { stale.Spawn }), "it cannot reload either");
        master.CannotReload(master.Worker(1));
        master.Settle();

        var answer = master.AllCommands.Outcome()!;
        Assert.That((answer.Replaced, answer.Failures.Count), Is.EqualTo((2, 0)));
        Assert.That(master.AllCommands.OfType<AssignWorker>().Count(), Is.EqualTo(4), "each worker is replaced once");
    }

    [Test]
    public void A_successor_that_fails_does_not_end_the_reload_of_the_workers_in_place()
    {
        var master = new Master(Poller with { Workers = 2, GracefulTimeout = Seconds(100), ReadyTimeout = Seconds(5) }).StartAndSettle();
        master.AskForReplacement(master.Worker());
        master.Reload();
        master.Advance(Seconds(5));

        Assert.That(master.Exit(master.Successor(), ExitStatus.Signaled(9)).Outcome(), Is.Null);
        master.Reloaded(master.Worker(0));
        Assert.That(master.Reloaded(master.Worker(1)).Outcome()!.Reloaded, Is.EqualTo(2));
    }

    [Test]
    public void A_successor_started_before_a_rolling_restart_is_stopped_and_replaced()
    {
        var master = new Master(Poller).StartAndSettle();
        master.AskForReplacement(master.Worker());
        var stale = master.Successor();
        master.Hello(stale);

        Assert.That(master.Reload(method: ReloadMethod.Restart).StoppedSpawns(), Does.Contain(stale.Spawn));
        master.Settle();

        Assert.That(master.AllCommands.OfType<CompleteReload>().Single().Services.Single().Replaced, Is.EqualTo(1));
        Assert.That(master.Worker().Spawn, Is.GreaterThan(stale.Spawn));
    }

    [Test]
    public void SIGHUP_to_a_worker_reloads_only_that_worker_after_a_check()
    {
        var master = new Master(Poller with { Workers = 3 }).StartAndSettle();
        Assert.That(
            master.Send(new SupervisorMessage.WorkerAskedForReload(2)), Is.EqualTo(new[] { new CheckBeforeReload(2) }));

        master.Send(new SupervisorMessage.ReloadRequested(1, new ReloadAction.ReloadProcess(2)));
        Assert.That(master.Commands, Is.EqualTo(new[] { new ReloadWorker(2) }));
        Assert.That(master.Reloaded(master.Worker(1)).Outcome()!.Reloaded, Is.EqualTo(1));
    }

    [TestCase(ReloadMethod.Auto, "reload")]
    [TestCase(ReloadMethod.Restart, "start")]
    [TestCase(ReloadMethod.None, "reloaded")]
    public void SIGHUP_to_a_worker_reloads_it_as_its_service_says(ReloadMethod method, string expected)
    {
        var master = new Master(Poller with { ReloadMethod = method }).StartAndSettle();

        master.Send(new SupervisorMessage.ReloadRequested(1, new ReloadAction.ReloadProcess(1)));

        Assert.That(master.Commands.InWords(), Is.EqualTo(expected));
    }

    [Test]
    public void A_service_that_requests_a_replacement_while_it_reloads_has_not_answered_the_reload()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Reload();

        Assert.That(master.AskForReplacement(master.Worker()).InWords(), Is.EqualTo("start"));
        Assert.That(master.Reloaded(master.Worker()).Outcome()!.Reloaded, Is.EqualTo(1));
    }

    [Test]
    public void A_late_answer_that_a_worker_cannot_reload_changes_nothing()
    {
        var master = new Master(Poller).StartAndSettle();

        Assert.That(master.CannotReload(master.Worker()), Is.Empty);
    }

    private static bool AreSame(ServiceReload one, ServiceReload other) =>
        one with { Failures = other.Failures } == other && one.Failures.SequenceEqual(other.Failures);
}
