using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Extensions of the service manager's timeouts. The hook timeout is ten seconds here, and the reserve is ten more.</summary>
internal sealed class TimeoutExtensionTests
{
    private const double Longest = 30;

    [Test]
    public void A_start_is_extended_by_the_longest_ready_timeout()
    {
        var master = WithManager(Poller with { ReadyTimeout = Seconds(25) }, Sender with { ReadyTimeout = Seconds(40) });

        Assert.That(Extensions(master.Start()), Is.EqualTo(new[] { Longest }));
        Assert.That(EachTenSeconds(master, 8), Is.EqualTo(new[] { 30, 30, 20, 10, -1, -1, -1, -1 }));
    }

    [Test]
    public void A_start_that_makes_progress_is_extended_again()
    {
        var master = WithManager(Poller with { Workers = 3, ReadyTimeout = Seconds(20) });
        master.Start();
        Assert.That(EachTenSeconds(master, 1), Is.EqualTo(new[] { 20 }));

        master.Hello(master.Worker());
        master.Ready(master.Worker());

        Assert.That(EachTenSeconds(master, 4), Is.EqualTo(new[] { 20, 10, -1, -1 }));
    }

    [Test]
    public void A_start_with_a_repeatedly_crashing_worker_is_not_extended_again()
    {
        var master = WithManager(Poller with { Workers = 2, ReadyTimeout = Seconds(20), Backoff = new Backoff(Seconds(1), Seconds(1)) });
        master.Start();
        master.Hello(master.Worker(1));
        master.Ready(master.Worker(1));
        master.AllCommands.Clear();
        for (var i = 0; i < 100; i++)
        {
            if (master.Slot(0).Process is { } process)
            {
                master.Exit(process, 2);
            }

            master.Advance(Seconds(1));
        }

        Assert.That(Extensions(master.AllCommands), Is.EqualTo(new[] { 20, 10 }));
    }

    [Test]
    public void A_start_without_a_ready_timeout_is_extended_without_limit()
    {
        var master = WithManager(Poller with { ReadyTimeout = Timeout.InfiniteTimeSpan });
        master.Start();

        Assert.That(EachTenSeconds(master, 100), Is.All.EqualTo(Longest));
    }

    [Test]
    public void No_deadline_is_left_when_all_workers_are_ready()
    {
        var master = WithManager(Poller).StartAndSettle();
        master.Advance(Seconds(1));

        Assert.That(master.State.NextDeadline, Is.Null);
    }

    [Test]
    public void A_stop_is_extended_by_the_timeouts_of_hooks_and_workers_and_a_reserve()
    {
        var master = WithManager(Poller with { GracefulTimeout = Seconds(20) - ServiceSettings.KillDelay });
        master.Start();
        master.Settle();

        Assert.That(Extensions(master.Stop()), Is.EqualTo(new[] { Longest }));
        Assert.That(EachTenSeconds(master, 1), Is.EqualTo(new[] { Longest }), "ten seconds of hooks, twenty of workers, five until all are reaped");
        Assert.That(EachTenSeconds(master, 1), Is.EqualTo(new[] { 25 }));
    }

    [Test]
    public void A_stop_without_a_graceful_timeout_is_extended_without_limit()
    {
        var master = WithManager(Poller with { GracefulTimeout = Timeout.InfiniteTimeSpan });
        master.Start();
        master.Settle();
        master.Stop();
        master.HooksCompleted();

        Assert.That(EachTenSeconds(master, 1000), Is.All.EqualTo(Longest));
        master.Settle();
        Assert.That(master.State.HasStopped);
    }

    [Test]
    public void An_announced_reload_is_extended_by_the_timeouts_of_hooks_and_replacements()
    {
        var master = WithManager(Poller with { Workers = 3, ReadyTimeout = Seconds(5), GracefulTimeout = Seconds(5) });
        master.Start();
        master.Settle();
        var begin = master.Send(new SupervisorMessage.ReloadAnnounced(Begins: true));
        Assert.That(Extensions(begin), Is.EqualTo(new[] { Longest }));
        Assert.That(EachTenSeconds(master, 6), Is.EqualTo(new[] { 30, 30, 30, 30, 20, 10 }));

        master.Reload();
        Assert.That(EachTenSeconds(master, 1), Is.EqualTo(new[] { 30 }), "the reload made progress");
        master.Send(new SupervisorMessage.ReloadAnnounced(Begins: false));
        Assert.That(EachTenSeconds(master, 3), Is.All.EqualTo(-1));
    }

    [Test]
    public void A_reload_that_was_not_announced_is_not_extended()
    {
        var master = WithManager(Poller).StartAndSettle();
        master.AllCommands.Clear();

        master.Reload();
        master.Settle();

        Assert.That(Extensions(master.AllCommands), Is.Empty);
    }

    [Test]
    public void An_extension_is_followed_by_a_watchdog_notification()
    {
        var master = new Master(Poller) { Manager = new ServiceManager(Seconds(100)) };
        master.Start();
        master.Settle();
        master.Advance(Seconds(1));

        var commands = master.Send(new SupervisorMessage.ReloadAnnounced(Begins: true));

        Assert.That(commands.InWords(), Is.EqualTo("Status, Reloading, ExtendTimeout, Watchdog"));
    }

    private static Master WithManager(params ServiceSettings[] services) => new(services) { Manager = new ServiceManager() };

    private static IEnumerable<double> Extensions(IEnumerable<SupervisorCommand> commands) =>
        commands.Notices<Notice.ExtendTimeout>().Select(n => n.Time.TotalSeconds);

    /// <summary>The extension of each of the next intervals, -1 where there is none.</summary>
    private static IEnumerable<double> EachTenSeconds(Master master, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Extensions(master.Advance(Seconds(10))).SingleOrDefault(-1))];
}
