using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The notifications of the service manager about status changes and reloads.</summary>
internal sealed class StatusNoticeTests
{
    [Test]
    public void Without_a_service_manager_there_are_no_notifications_and_no_deadlines()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        Assert.That(master.State.NextDeadline, Is.Null);

        master.Send(new SupervisorMessage.ReloadAnnounced(Begins: true));
        master.Stop();
        master.HooksCompleted();
        master.Settle();

        Assert.That(master.AllCommands.Notices<Notice>(), Is.Empty);
    }

    [Test]
    public void A_status_change_is_sent_at_once_and_then_at_most_four_times_a_second()
    {
        var master = WithManager(Poller with { Workers = 1000 });
        master.Start();
        Assert.That(master.Commands.StatusLines(), Is.EqualTo(new[] { "0/1000 workers ready; Poller: 1000 starting" }));

        master.AllCommands.Clear();
        for (var second = 0; second < 10; second++)
        {
            for (var i = 0; i < 100; i++)
            {
                master.Advance(Seconds(0.01));
                master.TakeNextStep(master.Worker((second * 100) + i));
                master.TakeNextStep(master.Worker((second * 100) + i));
            }
        }

        Assert.That(master.AllCommands.StatusLines(), Has.Count.LessThanOrEqualTo(41).And.Count.GreaterThan(30));
        master.AdvanceToNextDeadline();
        Assert.That(master.AllCommands.StatusLines()[^1], Is.EqualTo("1000/1000 workers ready"), "the last status is always sent");
    }

    [Test]
    public void An_unchanged_status_is_not_sent_again_and_leaves_no_deadline()
    {
        var master = WithManager(Poller with { StableAfter = TimeSpan.FromTicks(1) }).StartAndSettle();
        master.Advance(Seconds(1));
        master.Advance(Seconds(1));
        master.AllCommands.Clear();

        master.Exit(master.Worker(), 2);
        master.Settle();
        while (master.State.NextDeadline is not null)
        {
            master.AdvanceToNextDeadline();
        }

        Assert.That(
            master.AllCommands.StatusLines(), Is.EqualTo(new[] { "0/1 workers ready; Poller: 1 starting", "1/1 workers ready" }));
        master.AllCommands.Clear();

        // The worker crashes and recovers within the interval: no status is sent.
        master.Exit(master.Worker(), 2);
        master.Settle();
        master.AdvanceToNextDeadline();
        Assert.That(master.AllCommands.StatusLines(), Is.Empty);

        master.AllCommands.Clear();
        for (var i = 0; i < 3; i++)
        {
            master.Alive(master.Worker());
            master.Advance(Seconds(1));
        }

        Assert.That(master.AllCommands, Is.Empty);
        Assert.That(master.State.NextDeadline, Is.Null);
    }

    [Test]
    public void The_final_status_is_sent_without_delay_and_before_Finish()
    {
        var master = WithManager(Poller).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Exit(master.Worker(), 0);

        Assert.That(master.Commands.InWords(), Does.EndWith("Status, finish 0"));
        Assert.That(master.Commands.StatusLines(), Is.EqualTo(new[] { "stopped" }));
    }

    [Test]
    public void The_status_is_sent_before_ready_and_before_the_end_of_a_reload()
    {
        var master = WithManager(Poller).StartAndSettle();
        Assert.That(master.Commands.InWords(), Does.EndWith("Status, announce"));
        Assert.That(master.AllCommands.StatusLines()[^1], Is.EqualTo("1/1 workers ready"));

        Announce(master, begins: true);
        Assert.That(master.Commands.StatusLines(), Is.EqualTo(new[] { "1/1 workers ready; reloading" }));
        Announce(master, begins: false);
        Assert.That(master.Commands.InWords(), Is.EqualTo("Status, Ready"));
        Assert.That(master.Commands.StatusLines(), Is.EqualTo(new[] { "1/1 workers ready" }));
    }

    [Test]
    public void The_begin_and_the_end_of_a_reload_are_sent()
    {
        var master = WithManager(Poller).StartAndSettle();

        Assert.That(Announce(master, begins: true), Is.EqualTo("Reloading"));
        Assert.That(Announce(master, begins: false), Is.EqualTo("Ready"));
        Assert.That(Announce(master, begins: false), Is.Empty);
    }

    [Test]
    public void Of_reloads_that_overlap_the_first_begin_and_the_last_end_are_sent()
    {
        var master = WithManager(Poller).StartAndSettle();

        Assert.That(Announce(master, begins: true), Is.EqualTo("Reloading"));
        Assert.That(Announce(master, begins: true), Is.Empty);
        Assert.That(Announce(master, begins: false), Is.Empty);
        Assert.That(Announce(master, begins: false), Is.EqualTo("Ready"));
    }

    [Test]
    public void A_signal_during_a_reload_is_followed_by_a_new_begin_and_delays_the_end()
    {
        var master = WithManager(Poller).StartAndSettle();
        Announce(master, begins: true);

        Assert.That(master.Send(new SupervisorMessage.ReloadSignaled()).Notices<Notice.Reloading>(), Has.Count.EqualTo(1));
        Assert.That(Announce(master, begins: false), Is.Empty);
        Assert.That(Announce(master, begins: true), Is.Empty, "the reload of the signal begins");
        Assert.That(Announce(master, begins: false), Is.Empty);
        Assert.That(Announce(master, begins: false), Is.EqualTo("Ready"), "the result of the signal");
    }

    [Test]
    public void The_end_of_an_operation_before_the_announced_reload_counts_as_progress()
    {
        var master = WithManager(Poller).StartAndSettle();
        master.Restart();
        master.Send(new SupervisorMessage.ReloadSignaled());

        master.Advance(Seconds(1));
        master.Settle();
        Assert.That(master.State.Operation, Is.Null);
        Assert.That(master.State.Notices.ProgressAt, Is.EqualTo(Seconds(1)));

        master.Advance(Seconds(1));
        master.Reload(request: 2);
        Assert.That(master.State.Notices.ProgressAt, Is.EqualTo(Seconds(2)));
    }

    [Test]
    public void Neither_begin_nor_end_of_a_reload_that_began_before_ready_is_sent()
    {
        var master = WithManager(Poller);
        master.Start();
        Assert.That(Announce(master, begins: true), Is.Empty);
        master.Settle();
        Assert.That(Announce(master, begins: false), Is.Empty);
    }

    [Test]
    public void Neither_begin_nor_end_of_a_reload_is_sent_after_a_stop()
    {
        var master = WithManager(Poller).StartAndSettle();
        Announce(master, begins: true);
        master.Stop();

        Assert.That(Announce(master, begins: false), Is.Empty);
        Assert.That(Announce(master, begins: true), Is.Empty);
    }

    [Test]
    public void Workers_that_become_ready_after_a_stop_do_not_announce_ready()
    {
        var master = WithManager(Poller);
        master.Start();
        master.Stop();
        master.Settle();

        Assert.That(master.AllCommands.OfType<SupervisorCommand.AnnounceReady>(), Is.Empty);
    }

    private static string Announce(Master master, bool begins) => string.Join(
        ", ",
        master.Send(new SupervisorMessage.ReloadAnnounced(begins)).Notices<Notice>()
            .Where(n => n is Notice.Ready or Notice.Reloading)
            .Select(n => n.GetType().Name));

    private static Master WithManager(params ServiceSettings[] services) => new(services) { Manager = new ServiceManager() };
}
