using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A worker that is silent is stopped, killed where that does not help, and replaced.</summary>
internal sealed class LivenessTests
{
    private static readonly ServiceSettings Watched = Poller with
    {
        LivenessTimeout = Seconds(8),
        GracefulTimeout = Seconds(3),
    };

    [Test]
    public void A_worker_that_says_that_it_is_alive_is_left_alone()
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

        Assert.That(AdvanceUntilSomethingHappens(master), Is.EqualTo(Seconds(10)), "the timeout and one look");
        Assert.That(master.Commands.InWords(), Is.EqualTo("inspect, stop, Stopping"));
        Assert.That(master.Commands.OfType<Publish>().Single().Detail, Does.Contain("00:00:08"));
    }

    [Test]
    public void One_that_stops_then_is_recorded_with_what_was_seen_and_replaced_at_once_with_the_same_id()
    {
        var master = Silent(Watched);
        AdvanceUntilSomethingHappens(master);
        master.Send(new SupervisorMessage.WorkerInspected(1, "The process sleeps."));

        var exit = master.Exit(master.Worker(), 0).Exit();

        Assert.That((exit.Reason, exit.Message), Is.EqualTo((WorkerExitReason.LivenessTimeout, "The process sleeps.")));
        Assert.That(master.Commands.StartedIds(), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void One_that_does_not_stop_either_is_killed_at_its_graceful_timeout_for_the_same_reason()
    {
        var master = Silent(Watched);
        AdvanceUntilSomethingHappens(master);
        master.Leaving(master.Worker(), WorkerExitReason.StopTimeout, "The graceful timeout has passed.");

        Assert.That(master.Advance(Seconds(3.25)).KilledSpawns(), Is.EqualTo(new[] { 1 }));
        var exit = master.Exit(master.Worker(), ExitStatus.Signaled(9)).Exit();

        Assert.That((exit.Reason, exit.Signal), Is.EqualTo((WorkerExitReason.LivenessTimeout, 9)));
    }

    [TestCase(0, 8)]
    [TestCase(60, 8)]
    [TestCase(3, 3)]
    public void A_worker_that_hangs_gets_as_long_again_and_at_most_its_graceful_timeout(int gracefulTimeout, int expected)
    {
        var master = Silent(Watched with { GracefulTimeout = Seconds(gracefulTimeout) });
        AdvanceUntilSomethingHappens(master);

        Assert.That(master.Advance(Seconds(expected)).KilledSpawns(), Is.Empty);
        Assert.That(master.Advance(ServiceSettings.KillDelay).KilledSpawns(), Is.EqualTo(new[] { 1 }));
        Assert.That(
            master.Commands.OfType<Publish>().Single().Detail, Does.StartWith($"did not stop within 00:00:0{expected} after it had missed"));
    }

    [Test]
    public void To_hang_again_and_again_counts_as_crashes()
    {
        var master = Silent(Watched with { StableAfter = Seconds(60), MaxRestarts = 1 });
        AdvanceUntilSomethingHappens(master);
        master.Exit(master.Worker(), 0);
        master.Settle();
        AdvanceUntilSomethingHappens(master);

        Assert.That(master.Exit(master.Worker(), 0).InWords(), Does.Contain("give up"));
    }

    /// <summary>SIGSTOP of the master, a frozen container: when it goes on, it has heard of nobody for long.</summary>
    [Test]
    public void However_long_the_master_itself_was_stopped_nobody_is_blamed()
    {
        var master = new Master(Watched with { Workers = 3 }).StartAndSettle();
        master.AreAlive = false;

        for (var i = 0; i < 4; i++)
        {
            Assert.That(master.Advance(TimeSpan.FromHours(1)), Is.Empty, "what the workers said waits to be read");
        }

        master.State.Processes.Values.ToList().ForEach(p => master.Alive(p));
        Assert.That(master.Advance(Seconds(2)), Is.Empty);
    }

    [Test]
    public void Nobody_looks_while_a_worker_starts_or_stops()
    {
        var master = new Master(Watched with { ReadyTimeout = Timeout.InfiniteTimeSpan, GracefulTimeout = Timeout.InfiniteTimeSpan });
        master.Start();
        master.Hello(master.Worker());
        Assert.That(master.Advance(Seconds(1000)), Is.Empty);

        master.Ready(master.Worker());
        master.Resize(0);
        master.AreAlive = false;
        Assert.That(master.Advance(Seconds(1000)), Is.Empty);
        Assert.That(master.State.NextDeadline, Is.Null);
    }

    [Test]
    public void A_new_timeout_holds_for_workers_that_run_and_they_are_told()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Watched]));
        Assert.That(master.Commands, Is.EqualTo(new[] { new UpdateWorker(1, 1, Seconds(3), Seconds(8)) }));

        master.AreAlive = false;
        Assert.That(AdvanceUntilSomethingHappens(master), Is.EqualTo(Seconds(10)));
    }

    [Test]
    public void Without_a_timeout_nobody_looks()
    {
        var master = Silent(Poller);

        Assert.That(master.State.NextDeadline, Is.Null);
    }

    [Test]
    public void A_worker_that_hangs_when_the_program_stops_makes_the_exit_code_1_only_where_it_had_to_be_ended()
    {
        Assert.That((StopWith(0), StopWith(1)), Is.EqualTo((0, 1)));

        static int? StopWith(int exitCode)
        {
            var master = Silent(Watched);
            AdvanceUntilSomethingHappens(master);
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

    private static TimeSpan AdvanceUntilSomethingHappens(Master master)
    {
        var since = master.Now;
        for (var looks = 0; master.AdvanceToNextDeadline().Count == 0; looks++)
        {
            Assert.That(looks, Is.LessThan(10));
        }

        return master.Now - since;
    }
}
