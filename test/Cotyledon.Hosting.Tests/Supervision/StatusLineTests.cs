using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>What stands at "Status:" in systemctl status.</summary>
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
    public void All_is_well()
    {
        var master = Run(Poller with { Workers = 3 }, Sender with { Workers = 2 });

        Assert.That(Line(master), Is.EqualTo("5/5 workers ready"));
    }

    [Test]
    public void A_pause_is_well_too() => Assert.That(Line(Run(Poller with { Workers = 0 })), Is.EqualTo("0/0 workers ready"));

    [Test]
    public void Workers_that_start()
    {
        var master = new Master(Poller with { Workers = 2 }, Sender with { Workers = 1 }) { Manager = new ServiceManager() };
        master.Start();
        Assert.That(Line(master), Is.EqualTo("0/3 workers ready; Poller: 2 starting; Sender: 1 starting"));

        master.Hello(master.Worker(1));
        master.Ready(master.Worker(1));
        Assert.That(Line(master), Is.EqualTo("1/3 workers ready; Poller: 1 starting; Sender: 1 starting"));
    }

    [Test]
    public void A_worker_that_crashes_and_is_given_up_at_last()
    {
        var master = Run(Fragile);
        master.Exit(master.Worker(), 2);
        Assert.That(Line(master), Is.EqualTo("2/3 workers ready; Poller: 1 starting"));

        master.Settle();
        master.Exit(master.Worker(1), 2);
        master.Exit(master.Worker(1), 2);
        Assert.That(Line(master), Is.EqualTo("2/3 workers ready; Poller: 1 gave up"));

        master.Exit(master.Worker(2), 2);
        master.StartFailed(master.Worker(2));
        Assert.That(Line(master), Is.EqualTo("1/3 workers ready; Poller: 2 gave up"));
    }

    [Test]
    public void Workers_that_back_off_are_told_from_those_that_were_given_up()
    {
        var master = Run(Fragile with { MaxRestarts = 2 });
        Crash(master, workerId: 0, times: 3);
        Crash(master, workerId: 1, times: 2);

        Assert.That(Line(master), Is.EqualTo("1/3 workers ready; Poller: 1 gave up, 1 backing off"));
    }

    [Test]
    public void Surplus_workers_that_leave()
    {
        var master = Run(Poller with { Workers = 3 });

        master.Resize(1);

        Assert.That(Line(master), Is.EqualTo("1/1 workers ready; Poller: 2 stopping"));
    }

    [Test]
    public void Many_services_in_trouble_are_counted_after_the_third()
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
    public void The_end_step_by_step()
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
    public void An_end_that_was_not_graceful_names_its_exit_code()
    {
        var master = Run(Poller);
        master.Stop();
        master.FastStop();
        master.Settle();

        Assert.That(Line(master), Is.EqualTo("stopped with exit code 1"));
    }

    [Test]
    public void An_end_because_of_a_service_names_it_from_its_begin_to_its_end()
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

    /// <summary>A worker crashes so often in a row.</summary>
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
