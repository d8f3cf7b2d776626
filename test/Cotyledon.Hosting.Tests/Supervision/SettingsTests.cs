using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>New options at run time.</summary>
internal sealed class SettingsTests
{
    [Test]
    public void A_changed_worker_count_in_the_configuration_overrides_the_count_set_by_the_API()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Scale(4);
        master.Settle();

        Change(master, Poller with { Workers = 3 });
        master.Settle();

        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public void Every_change_of_the_configured_worker_count_resizes_the_service()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();

        Assert.That(Change(master, Poller).OfType<RecordScale>().Single(), Is.EqualTo(new RecordScale("Poller", 2, 1)));
        Assert.That(
            Change(master, Poller with { Workers = 2 }).OfType<RecordScale>().Single(),
            Is.EqualTo(new RecordScale("Poller", 1, 2)));
    }

    [Test]
    public void A_new_graceful_timeout_is_sent_to_workers_with_a_slot()
    {
        var master = new Master(Poller with { Workers = 4 });
        master.Start();
        master.Hello(master.Worker(1));
        master.Hello(master.Worker(2));
        master.Ready(master.Worker(2));
        master.Hello(master.Worker(3));
        master.Leaving(master.Worker(3), WorkerExitReason.Terminated);

        Assert.That(
            Change(master, Poller with { Workers = 4, GracefulTimeout = Seconds(3) }),
            Is.EqualTo(new[] { new UpdateWorker(2, 4, Seconds(3), Timeout.InfiniteTimeSpan), new UpdateWorker(3, 4, Seconds(3), Timeout.InfiniteTimeSpan) }));
        Assert.That(
            master.Hello(master.Worker(0)).OfType<AssignWorker>().Single().Assignment.GracefulTimeout, Is.EqualTo(Seconds(3)));
    }

    [Test]
    public void A_new_graceful_timeout_applies_to_later_stops()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(60) }).StartAndSettle();
        Change(master, Poller with { GracefulTimeout = Seconds(3) });
        master.Stop();
        master.HooksCompleted();

        Assert.That(master.Advance(Seconds(3) + ServiceSettings.KillDelay).KilledSpawns(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_new_ready_timeout_applies_to_workers_started_later()
    {
        var master = new Master(Poller with { ReadyTimeout = Seconds(60) }).StartAndSettle();
        Change(master, Poller with { ReadyTimeout = Seconds(3) });
        master.Exit(master.Worker(), 2);

        Assert.That(master.State.NextDeadline, Is.EqualTo(master.Now + Seconds(3)));
    }

    [Test]
    public void A_larger_MaxConcurrentStarts_applies_at_once()
    {
        var master = new Master(Defaults with { MaxConcurrentStarts = 1 }, Poller with { Workers = 4 });
        master.Start();

        master.Send(new SupervisorMessage.SettingsChanged(
            Defaults with { MaxConcurrentStarts = 3 }, [Poller with { Workers = 4 }]));

        Assert.That(master.Commands.StartedIds(), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void A_larger_MaxUnavailable_applies_at_once()
    {
        var master = new Master(Poller with { Workers = 4 }).StartAndSettle();
        master.Reload(method: ReloadMethod.Restart);

        Assert.That(
            Change(master, Poller with { Workers = 4, MaxUnavailable = 3 }).StartedIds(), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void A_smaller_MaxUnavailable_applies_at_once()
    {
        var master = new Master(Poller with { Workers = 4, MaxUnavailable = 3 }).StartAndSettle();
        master.Reload(method: ReloadMethod.Restart);
        var successors = new[] { 0, 1, 2 }.Select(id => master.Successor(id)).ToList();
        Change(master, Poller with { Workers = 4, MaxUnavailable = 1 });

        Assert.That(successors.SelectMany(s => master.Hello(s).StoppedSpawns()).Count(), Is.EqualTo(1));
        master.Settle();
        Assert.That(master.AllCommands.Outcome()!.Replaced, Is.EqualTo(4));
    }

    [Test]
    public void Settings_changed_before_the_start_apply_from_the_start()
    {
        var master = new Master(Poller);

        Assert.That(Change(master, Poller with { Workers = 3 }), Is.Empty);
        Assert.That(master.Start().StartedIds(), Is.EqualTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public void Settings_changed_after_the_stop_have_no_effect()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();

        Assert.That(Change(master, Poller with { Workers = 3, GracefulTimeout = Seconds(3) }), Is.Empty);
        master.HooksCompleted();
        Assert.That(Change(master, Poller with { Workers = 5 }), Is.Empty);
    }

    [Test]
    public void Settings_of_one_service_do_not_affect_another_one()
    {
        var master = new Master(Poller, Sender).StartAndSettle();

        var commands = Change(master, Poller with { GracefulTimeout = Seconds(3) }, Sender);

        Assert.That(commands, Is.EqualTo(new[] { new UpdateWorker(1, 1, Seconds(3), Timeout.InfiniteTimeSpan) }));
    }

    [Test]
    public void Unchanged_settings_have_no_effect()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();

        Assert.That(Change(master, Poller with { Workers = 2 }), Is.Empty);
    }

    private static IReadOnlyList<SupervisorCommand> Change(Master master, params ServiceSettings[] services) =>
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, services));
}
