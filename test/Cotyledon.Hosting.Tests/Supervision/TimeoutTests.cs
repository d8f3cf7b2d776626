using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class TimeoutTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [TestCase(false)]
    [TestCase(true)]
    public void A_worker_that_is_not_ready_in_time_is_killed(bool saidHello)
    {
        var master = new Master(Poller with { ReadyTimeout = Seconds(20) });
        master.Start();
        var process = master.Worker();
        if (saidHello)
        {
            master.Advance(Seconds(10));
            master.Hello(process);
            master.Advance(Seconds(-10));
        }

        Assert.That(master.Advance(Seconds(20) - Tick), Is.Empty);
        Assert.That(master.Advance(Tick).KilledSpawns(), Is.EqualTo(new[] { 1 }));
        Assert.That(
            master.Commands.OfType<Publish>().Single().Detail,
            Does.Contain("00:00:20").And.Contain("Cotyledon:Services:Poller:ReadyTimeout"));
        Assert.That(master.Exit(process, ExitStatus.Signaled(9)).Exit().Reason, Is.EqualTo(WorkerExitReason.ReadyTimeout));
    }

    [Test]
    public void A_ready_timeout_is_a_failure_with_back_off()
    {
        var master = new Master(Poller with { Backoff = new Backoff(Seconds(1), Seconds(9)) });
        master.Start();
        for (var i = 0; i < 2; i++)
        {
            var process = master.Worker();
            master.Hello(process);
            master.Advance(Poller.ReadyTimeout);
            master.Exit(process, ExitStatus.Signaled(9));
        }

        Assert.That(master.Commands.Exit().NextStart, Is.InRange(Seconds(0.75), Seconds(1.25)));
    }

    /// <summary>The options may have changed since the timeout began.</summary>
    [TestCase(false, "did not become ready within 00:00:20 and was killed.")]
    [TestCase(true, "did not stop within 00:00:30 and was killed. Raise Cotyledon:Services:Poller:GracefulShutdownTimeout")]
    public void A_kill_is_logged_with_the_timeout_that_has_passed(bool isStopping, string expected)
    {
        var master = new Master(Poller with { ReadyTimeout = Seconds(20), GracefulTimeout = Seconds(30) });
        master.Start();
        if (isStopping)
        {
            master.Settle();
            master.Scale(0);
        }

        var changed = Poller with { ReadyTimeout = Seconds(99), GracefulTimeout = Seconds(99) };
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [changed]));

        Assert.That(master.Advance(Seconds(31)).OfType<Publish>().Single().Detail, Does.StartWith(expected));
    }

    [Test]
    public void The_kill_of_a_process_without_a_worker_id_is_logged_with_its_own_timeout()
    {
        var master = new Master(Defaults with { SpareWorkers = 1 }, Poller with { GracefulTimeout = Timeout.InfiniteTimeSpan });
        master.StartAndSettle();
        master.Send(new SupervisorMessage.SettingsChanged(Defaults, [Poller with { GracefulTimeout = Timeout.InfiniteTimeSpan }]));

        Assert.That(
            master.Advance(Seconds(3)).OfType<Publish>().Single().Detail, Is.EqualTo("did not stop within 00:00:02 and was killed."));
    }

    [Test]
    public void Without_a_ready_timeout_a_start_has_no_deadline()
    {
        var master = new Master(Poller with { ReadyTimeout = Timeout.InfiniteTimeSpan });
        master.Start();
        master.Hello(master.Worker());

        Assert.That(master.State.NextDeadline, Is.Null);
        Assert.That(master.Advance(TimeSpan.FromDays(1000)), Is.Empty);
    }

    [Test]
    public void A_worker_that_ignores_the_stop_is_killed_at_the_timeout_plus_KillDelay()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        var process = master.Worker();
        master.Scale(0);

        Assert.That(master.Advance(Seconds(5)), Is.Empty);
        Assert.That(master.Advance(ServiceSettings.KillDelay - Tick), Is.Empty);
        Assert.That(master.Advance(Tick).KilledSpawns(), Is.EqualTo(new[] { 1 }));
        Assert.That(
            master.Commands.OfType<Publish>().Single().Detail,
            Does.Contain("00:00:05").And.Contain("Cotyledon:Services:Poller:GracefulShutdownTimeout"));
        Assert.That(master.Exit(process, ExitStatus.Signaled(9)).Exit().Reason, Is.EqualTo(WorkerExitReason.StopTimeout));
    }

    [Test]
    public void A_graceful_timeout_of_zero_sets_no_deadline()
    {
        var master = new Master(Poller with { GracefulTimeout = Timeout.InfiniteTimeSpan }).StartAndSettle();
        master.Scale(0);

        Assert.That(master.Advance(TimeSpan.FromDays(1000)), Is.Empty);
        Assert.That(master.State.NextDeadline, Is.Null);
        Assert.That(master.Exit(master.Worker(), 0).Exit().Reason, Is.EqualTo(WorkerExitReason.Stopped));
    }

    [Test]
    public void The_graceful_timeouts_of_all_workers_run_in_parallel()
    {
        var master = new Master(Poller with { Workers = 3, GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Scale(0);

        master.Advance(Seconds(5) + ServiceSettings.KillDelay);

        Assert.That(master.Commands.KilledSpawns(), Is.EquivalentTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void A_worker_that_stops_on_its_own_has_the_graceful_timeout_too()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        var process = master.Worker();
        master.Leaving(process, WorkerExitReason.Terminated);

        master.Advance(Seconds(5) + ServiceSettings.KillDelay);

        Assert.That(master.Commands.KilledSpawns(), Is.EqualTo(new[] { 1 }));
        Assert.That(master.Exit(process, ExitStatus.Signaled(9)).Exit().Reason, Is.EqualTo(WorkerExitReason.StopTimeout));
    }

    [Test]
    public void A_stop_does_not_extend_the_timeout_of_a_stopping_worker()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Leaving(master.Worker(), WorkerExitReason.Terminated);
        master.Advance(Seconds(4));
        master.Scale(0);

        Assert.That(master.Advance(Seconds(1) + ServiceSettings.KillDelay).KilledSpawns(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_second_leaving_message_does_not_extend_the_timeout()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Leaving(master.Worker(), WorkerExitReason.Terminated);
        master.Advance(Seconds(4));
        master.Leaving(master.Worker(), WorkerExitReason.Faulted);

        Assert.That(master.Advance(Seconds(1) + ServiceSettings.KillDelay).KilledSpawns(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_ready_message_after_the_deadline_has_no_effect()
    {
        var master = new Master(Poller);
        master.Start();
        var process = master.Worker();
        master.Hello(process);
        master.Advance(Poller.ReadyTimeout);

        Assert.That(master.Ready(process), Is.Empty);
        Assert.That(process.State, Is.EqualTo(WorkerState.Killed));
    }

    [Test]
    public void A_ready_message_after_a_stop_does_not_keep_the_worker()
    {
        var master = new Master(Poller);
        master.Start();
        var process = master.Worker();
        master.Hello(process);
        master.Scale(0, request: 1);

        Assert.That(master.Ready(process), Is.Empty);
        Assert.That(master.Exit(process, 0).Answers(), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_hello_after_a_kill_gets_no_slot()
    {
        var master = new Master(Poller);
        master.Start();
        var process = master.Worker();
        master.Scale(0);

        Assert.That(master.Hello(process), Is.Empty);
        master.Exit(process, ExitStatus.Signaled(9));
        Assert.That(master.Slot(0).Incarnation, Is.Zero);
    }

    [Test]
    public void Deadlines_due_at_the_same_time_are_all_handled_in_one_step()
    {
        var master = new Master(
            Poller with { Workers = 2, Backoff = new Backoff(Seconds(2), Seconds(2)) },
            Sender with { ReadyTimeout = Seconds(1) });
        master.Start();
        master.Exit(master.Worker(0), 1);
        var sender = master.Worker(0, service: 1);

        master.Advance(Seconds(60));

        Assert.That(master.Commands.KilledSpawns(), Is.EquivalentTo(new[] { 2, sender.Spawn }));
        Assert.That(master.Commands.StartedIds(), Is.EqualTo(new[] { 0 }));
    }
}
