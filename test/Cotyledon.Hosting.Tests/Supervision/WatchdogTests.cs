using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class WatchdogTests
{
    [TestCase(10, 5)]
    [TestCase(0.5, 0.25)]
    [TestCase(0.000002, 0.01, Description = "the interval has a minimum")]
    public void A_notification_is_sent_at_once_and_then_twice_per_timeout(double timeout, double interval)
    {
        var master = new Master(Poller with { Workers = 0 }) { Manager = new ServiceManager(Seconds(timeout)) };
        Assert.That(master.Start().Notices<Notice.Watchdog>(), Has.Count.EqualTo(1));

        for (var i = 0; i < 5; i++)
        {
            Assert.That(master.Advance(Seconds(interval) - TimeSpan.FromTicks(1)).Notices<Notice.Watchdog>(), Is.Empty);
            Assert.That(master.Advance(TimeSpan.FromTicks(1)).Notices<Notice.Watchdog>(), Has.Count.EqualTo(1));
        }
    }

    [Test]
    public void Without_a_watchdog_no_notification_is_sent()
    {
        var master = new Master(Poller) { Manager = new ServiceManager() }.StartAndSettle();
        master.Advance(TimeSpan.FromHours(1));

        Assert.That(master.AllCommands.Notices<Notice.Watchdog>(), Is.Empty);
    }

    [Test]
    public void After_a_long_pause_of_the_machine_only_one_notification_is_sent()
    {
        var master = Watched(Poller with { Workers = 0 });
        master.Start();

        Assert.That(master.Advance(TimeSpan.FromHours(10)).Notices<Notice.Watchdog>(), Has.Count.EqualTo(1));
        Assert.That(master.State.NextDeadline - master.Now, Is.EqualTo(Seconds(5)));
    }

    [Test]
    public void Notifications_continue_while_workers_crash_and_stop()
    {
        var master = Watched(Poller with { Workers = 2, GracefulTimeout = Timeout.InfiniteTimeSpan, Backoff = new Backoff(Seconds(60), Seconds(60)) });
        master.Start();
        master.Settle();
        AssertNotifications();
        master.Exit(master.Worker(), 2);
        master.Exit(master.Worker(), 2);
        AssertNotifications();
        master.Stop();
        master.HooksCompleted();
        AssertNotifications();

        void AssertNotifications()
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.That(master.Advance(Seconds(5)).Notices<Notice.Watchdog>(), Is.Not.Empty);
            }
        }
    }

    [Test]
    public void A_pause_of_the_master_counts_for_the_next_notification()
    {
        var master = Watched(Poller with { Workers = 0 });
        master.State.RealTime = Seconds(100);
        master.Start();

        // The time of the deadlines stands still.
        Assert.That(At(104.9), Is.Empty);
        Assert.That(At(106), Has.Count.EqualTo(1));
        Assert.That(At(110.9), Is.Empty);
        Assert.That(master.State.NextNotice, Is.EqualTo(Seconds(111)));
        Assert.That(At(111), Has.Count.EqualTo(1));

        IReadOnlyList<Notice.Watchdog> At(double seconds)
        {
            master.State.RealTime = Seconds(seconds);
            return master.Send(new SupervisorMessage.TimePassed()).Notices<Notice.Watchdog>();
        }
    }

    [Test]
    public void A_pause_of_the_master_counts_for_the_next_extension_of_a_start()
    {
        var master = Watched(Poller);
        master.State.RealTime = Seconds(100);
        Assert.That(master.Start().Notices<Notice.ExtendTimeout>(), Has.Count.EqualTo(1));

        master.State.RealTime = Seconds(110);
        var sent = master.Send(new SupervisorMessage.TimePassed()).Notices<Notice>();

        Assert.That(sent.Select(n => n.GetType()), Is.EqualTo(new[] { typeof(Notice.ExtendTimeout), typeof(Notice.Watchdog) }));
    }

    private static Master Watched(params ServiceSettings[] services) =>
        new(services) { Manager = new ServiceManager(Seconds(10)) };
}
