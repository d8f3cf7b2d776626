using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A silent worker is asked to stop, killed if it does not, and replaced.</summary>
internal sealed class LivenessTests
{
    private static readonly ServiceSettings Watched = Poller with
    {
        LivenessTimeout = Seconds(8),
        GracefulTimeout = Seconds(3),
    };

    [Test]
    public void A_worker_that_sends_heartbeats_is_not_stopped()
    {
        var master = new Master(Watched).StartAndSettle();

        for (var i = 0; i < 100; i++)
        {
            Assert.That(master.Advance(Seconds(2)), Is.Empty);
        }
    }

    [Test]
    public void A_silent_worker_is_inspected_and_asked_to_stop_after_its_timeout()
    {
        var master = Silent(Watched);

        Assert.That(AdvanceToNextCommand(master), Is.EqualTo(Seconds(10)), "the timeout plus one check interval");
        Assert.That(master.Commands.InWords(), Is.EqualTo("inspect, stop, Stopping"));
        Assert.That(master.Commands.OfType<Publish>().Single().Detail, Does.Contain("00:00:08"));
    }

    [Test]
    public void A_silent_worker_that_stops_is_recorded_with_its_inspection_and_replaced_at_once()
    {
        var master = Silent(Watched);
        AdvanceToNextCommand(master);
        master.Send(new SupervisorMessage.WorkerInspected(1, "The process sleeps."));

        var exit = master.Exit(master.Worker(), 0).Exit();

        Assert.That((exit.Reason, exit.Message), Is.EqualTo((WorkerExitReason.LivenessTimeout, "The process sleeps.")));
        Assert.That(master.Commands.StartedIds(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void A_silent_worker_that_does_not_stop_is_killed_at_its_graceful_timeout_with_the_same_reason()
    {
        var master = Silent(Watched);
        AdvanceToNextCommand(master);
        master.Leaving(master.Worker(), WorkerExitReason.StopTimeout, "The graceful timeout has passed.");

        Assert.That(master.Advance(Seconds(3) + ServiceSettings.KillDelay).KilledSpawns(), Is.EqualTo(new[] { 1 }));
        var exit = master.Exit(master.Worker(), ExitStatus.Signaled(9)).Exit();

        Assert.That((exit.Reason, exit.Signal), Is.EqualTo((WorkerExitReason.LivenessTimeout, 9)));
    }

    [TestCase(0, 8)]
    [TestCase(60, 8)]
    [TestCase(3, 3)]
    public void A_hanging_worker_has_the_liveness_timeout_to_stop_but_at_most_its_graceful_timeout(int gracefulTimeout, int expected)
    {
        var master = Silent(Watched with { GracefulTimeout = Seconds(gracefulTimeout) });
        AdvanceToNextCommand(master);

        Assert.That(master.Advance(Seconds(expected)).KilledSpawns(), Is.Empty);
        Assert.That(master.Advance(ServiceSettings.KillDelay).KilledSpawns(), Is.EqualTo(new[] { 1 }));
        Assert.That(
            master.Commands.OfType<Publish>().Single().Detail, Does.StartWith($"did not stop within 00:00:0{expected} after it had missed"));
    }

    [Test]
    public void Repeated_hangs_count_as_crashes()
    {
        var master = Silent(Watched with { StableAfter = Seconds(60), MaxRestarts = 1 });
        AdvanceToNextCommand(master);
        master.Exit(master.Worker(), 0);
        master.Settle();
        AdvanceToNextCommand(master);

        Assert.That(master.Exit(master.Worker(), 0).InWords(), Does.Contain("give up"));
    }

    /// <summary>After a SIGSTOP of the master or a frozen container, the last heartbeat of each worker is older than the timeout.</summary>
    [Test]
    public void Paused_master_does_not_trip_liveness()
    {
        var master = new Master(Watched with { Workers = 3 }).StartAndSettle();
        master.AreAlive = false;

        for (var i = 0; i < 4; i++)
        {
            Assert.That(master.Advance(TimeSpan.FromHours(1)), Is.Empty, "the heartbeats of the workers are still unread");
        }

        master.State.Processes.Values.ToList().ForEach(p => master.Alive(p));
        Assert.That(master.Advance(Seconds(2)), Is.Empty);
    }

    [Test]
    public void Liveness_is_not_checked_while_a_worker_starts_or_stops()
    {
        var master = new Master(Watched with { ReadyTimeout = Timeout.InfiniteTimeSpan, GracefulTimeout = Timeout.InfiniteTimeSpan });
        master.Start();
        master.Hello(master.Worker());
        Assert.That(master.Advance(Seconds(1000)), Is.Empty);

        master.Ready(master.Worker());
        master.Scale(0);
        master.AreAlive = false;
        Assert.That(master.Advance(Seconds(1000)), Is.Empty);
        Assert.That(master.State.NextDeadline, Is.Null);
    }

    [Test]
    public void A_new_timeout_applies_to_running_workers_and_is_sent_to_them()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Watched]));
        Assert.That(master.Commands, Is.EqualTo(new[] { new UpdateWorker(1, 1, Seconds(3), Seconds(8)) }));

        master.AreAlive = false;
        Assert.That(AdvanceToNextCommand(master), Is.EqualTo(Seconds(10)));
    }

    [Test]
    public void Without_a_timeout_liveness_is_not_checked()
    {
        var master = Silent(Poller);

        Assert.That(master.State.NextDeadline, Is.Null);
    }

    [Test]
    public void A_hanging_worker_during_the_stop_sets_exit_code_1_only_if_it_exits_with_an_error()
    {
        Assert.That((StopWith(0), StopWith(1)), Is.EqualTo((0, 1)));

        static int? StopWith(int exitCode)
        {
            var master = Silent(Watched);
            AdvanceToNextCommand(master);
            master.Stop();
            master.HooksCompleted();
            return master.Exit(master.Worker(), exitCode).End()?.ExitCode;
        }
    }

    private static Master Silent(ServiceSettings settings)
    {
        var master = new Master(settings).StartAndSettle();
        master.AreAlive = false;
        return master;
    }

    private static TimeSpan AdvanceToNextCommand(Master master)
    {
        var since = master.Now;
        for (var checks = 0; master.AdvanceToNextDeadline().Count == 0; checks++)
        {
            Assert.That(checks, Is.LessThan(10));
        }

        return master.Now - since;
    }
}
