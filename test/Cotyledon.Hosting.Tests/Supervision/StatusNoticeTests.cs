using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>When the service manager hears a new status, and that it never hears what is not so.</summary>
internal sealed class StatusNoticeTests
{
    [Test]
    public void Without_a_service_manager_nothing_is_said_and_nothing_waits()
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
    public void What_changes_is_said_at_once_and_then_not_more_than_four_times_a_second()
    {
        var master = Listened(Poller with { Workers = 1000 });
        master.Start();
        Assert.That(master.Commands.StatusLines(), Is.EqualTo(new[] { "0/1000 workers ready; Poller: 1000 starting" }));

        master.AllCommands.Clear();
        for (var second = 0; second < 10; second++)
        {
            for (var i = 0; i < 100; i++)
            {
                master.Advance(Seconds(0.01));
                master.Cooperate(master.Worker((second * 100) + i));
                master.Cooperate(master.Worker((second * 100) + i));
            }
        }

        Assert.That(master.AllCommands.StatusLines(), Has.Count.LessThanOrEqualTo(41).And.Count.GreaterThan(30));
        master.AdvanceToNextDeadline();
        Assert.That(master.AllCommands.StatusLines()[^1], Is.EqualTo("1000/1000 workers ready"), "the last one always comes");
    }

    [Test]
    public void A_status_that_is_the_same_again_is_not_repeated_and_nothing_waits_when_all_is_said()
    {
        var master = Listened(Poller with { StableAfter = TimeSpan.FromTicks(1) }).StartAndSettle();
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

        // Gone and back within the interval: nobody hears of it.
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
    public void The_last_word_comes_whenever_it_is_and_before_the_last_command()
    {
        var master = Listened(Poller).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Exit(master.Worker(), 0);

        Assert.That(master.Commands.InWords(), Does.EndWith("Status, finish 0"));
        Assert.That(master.Commands.StatusLines(), Is.EqualTo(new[] { "stopped" }));
    }

    [Test]
    public void Whoever_waits_until_all_are_ready_or_have_reloaded_finds_a_status_that_says_so()
    {
        var master = Listened(Poller).StartAndSettle();
        Assert.That(master.Commands.InWords(), Does.EndWith("Status, announce"));
        Assert.That(master.AllCommands.StatusLines()[^1], Is.EqualTo("1/1 workers ready"));

        Announce(master, begins: true);
        Assert.That(master.Commands.StatusLines(), Is.EqualTo(new[] { "1/1 workers ready; reloading" }));
        Announce(master, begins: false);
        Assert.That(master.Commands.InWords(), Is.EqualTo("Status, Ready"));
        Assert.That(master.Commands.StatusLines(), Is.EqualTo(new[] { "1/1 workers ready" }));
    }

    [Test]
    public void A_reload_is_told_with_its_end()
    {
        var master = Listened(Poller).StartAndSettle();

        Assert.That(Announce(master, begins: true), Is.EqualTo("Reloading"));
        Assert.That(Announce(master, begins: false), Is.EqualTo("Ready"));
        Assert.That(Announce(master, begins: false), Is.Empty);
    }

    [Test]
    public void A_reload_that_began_before_all_were_ready_is_not_told_nor_its_end()
    {
        var master = Listened(Poller);
        master.Start();
        Assert.That(Announce(master, begins: true), Is.Empty);
        master.Settle();
        Assert.That(Announce(master, begins: false), Is.Empty);
    }

    [Test]
    public void After_the_stop_has_begun_neither_a_reload_nor_the_end_of_one_is_told()
    {
        var master = Listened(Poller).StartAndSettle();
        Announce(master, begins: true);
        master.Stop();

        Assert.That(Announce(master, begins: false), Is.Empty);
        Assert.That(Announce(master, begins: true), Is.Empty);
    }

    [Test]
    public void Workers_that_get_ready_after_the_stop_has_begun_make_nothing_ready()
    {
        var master = Listened(Poller);
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

    private static Master Listened(params ServiceSettings[] services) => new(services) { Manager = new ServiceManager() };
}
