using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The text after "Status:" in the output of systemctl status.</summary>
internal sealed class StatusLineTests
{
    private static readonly ServiceSettings Fragile = Poller with
    {
        Workers = 3,
        MaxRestarts = 1,
        MaxRestartsWindow = TimeSpan.FromHours(1),
        Backoff = new Backoff(Seconds(10), Seconds(10)),
    };

    [Test]
    public void All_workers_ready()
    {
        var master = Run(Poller with { Workers = 3 }, Sender with { Workers = 2 });

        Assert.That(Line(master), Is.EqualTo("5/5 workers ready"));
    }

    [Test]
    public void No_workers() => Assert.That(Line(Run(Poller with { Workers = 0 })), Is.EqualTo("0/0 workers ready"));

    [Test]
    public void Starting_workers()
    {
        var master = new Master(Poller with { Workers = 2 }, Sender with { Workers = 1 }) { Manager = new ServiceManager() };
        master.Start();
        Assert.That(Line(master), Is.EqualTo("0/3 workers ready; Poller: 2 starting; Sender: 1 starting"));

        master.Hello(master.Worker(1));
        master.Ready(master.Worker(1));
        Assert.That(Line(master), Is.EqualTo("1/3 workers ready; Poller: 1 starting; Sender: 1 starting"));
    }

    [Test]
    public void Crashed_and_given_up_workers()
    {
        var master = Run(Fragile);
        master.Exit(master.Worker(), 2);
        Assert.That(Line(master), Is.EqualTo("2/3 workers ready; Poller: 1 starting"));

        master.Settle();
        master.Exit(master.Worker(1), 2);
        master.Exit(master.Worker(1), 2);
        Assert.That(Line(master), Is.EqualTo("2/3 workers ready; Poller: 1 given up"));

        master.Exit(master.Worker(2), 2);
        master.StartFailed(master.Worker(2));
        Assert.That(Line(master), Is.EqualTo("1/3 workers ready; Poller: 2 given up"));
    }

    [Test]
    public void Backing_off_and_given_up_workers_are_counted_separately()
    {
        var master = Run(Fragile with { MaxRestarts = 2 });
        Crash(master, workerId: 0, times: 3);
        Crash(master, workerId: 1, times: 2);

        Assert.That(Line(master), Is.EqualTo("1/3 workers ready; Poller: 1 given up, 1 backing off"));
    }

    [Test]
    public void Stopping_surplus_workers()
    {
        var master = Run(Poller with { Workers = 3 });

        master.Scale(1);

        Assert.That(Line(master), Is.EqualTo("1/1 workers ready; Poller: 2 stopping"));
    }

    [Test]
    public void Only_the_first_three_services_with_problems_are_named()
    {
        var services = Enumerable.Range(1, 5).Select(i => Poller with { Name = $"s{i}" }).ToArray();
        var master = new Master(services);
        master.Start();

        Assert.That(
            Line(master), Is.EqualTo("0/5 workers ready; s1: 1 starting; s2: 1 starting; s3: 1 starting; 2 more services"));
    }

    [Test]
    public void A_reload_and_a_rejected_configuration()
    {
        var master = Run(Poller);
        master.Send(new SupervisorMessage.ReloadAnnounced(Begins: true));
        Assert.That(Line(master), Is.EqualTo("1/1 workers ready; reloading"));

        master.Send(new SupervisorMessage.ConfigurationChecked(IsGood: false));
        master.Send(new SupervisorMessage.ReloadAnnounced(Begins: false));
        Assert.That(Line(master), Is.EqualTo("1/1 workers ready; configuration rejected: the last valid configuration is in use"));

        master.Send(new SupervisorMessage.ConfigurationChecked(IsGood: true));
        Assert.That(Line(master), Is.EqualTo("1/1 workers ready"));
    }

    [Test]
    public void Stop_counts_the_remaining_workers()
    {
        var master = Run(Poller with { Workers = 2 });
        master.Stop();
        Assert.That(Line(master), Is.EqualTo("stopping: 2 workers still running"));

        master.HooksCompleted();
        master.Exit(master.Worker(1), 0);
        Assert.That(Line(master), Is.EqualTo("stopping: 1 worker still running"));

        master.Exit(master.Worker(0), 0);
        Assert.That(Line(master), Is.EqualTo("stopped"));
    }

    [Test]
    public void Fast_stop_ends_with_the_exit_code()
    {
        var master = Run(Poller);
        master.Stop();
        master.FastStop();
        master.Settle();

        Assert.That(Line(master), Is.EqualTo("stopped with exit code 1"));
    }

    [Test]
    public void Stop_after_a_give_up_names_the_service_until_the_end()
    {
        var master = Run(Fragile with { MaxRestarts = 1, OnGiveUp = GiveUpAction.StopHost }, Sender);
        Crash(master, workerId: 0, times: 2);
        Assert.That(Line(master), Is.EqualTo("gave up on Poller; stopping: 3 workers still running"));

        master.HooksCompleted();
        master.Settle();
        Assert.That(Line(master), Is.EqualTo("gave up on Poller; stopped with exit code 3"));
    }

    private static Master Run(params ServiceSettings[] services) =>
        new Master(services) { Manager = new ServiceManager() }.StartAndSettle();

    /// <summary>Crashes a worker this many times in a row.</summary>
    private static void Crash(Master master, int workerId, int times)
    {
        for (var i = 0; i < times; i++)
        {
            if (i > 0)
            {
                while (master.Slot(workerId).Process is not { Works: true })
                {
                    master.Settle();
                    if (master.Slot(workerId).Deadline is { } deadline)
                    {
                        master.Advance(deadline - master.Now);
                    }
                }
            }

            master.Exit(master.Worker(workerId), 2);
        }
    }

    private static string Line(Master master) => StatusLine.Of(master.State);
}
