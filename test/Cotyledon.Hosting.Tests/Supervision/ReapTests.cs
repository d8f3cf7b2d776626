using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A process in an uninterruptible system call does not exit, not even after SIGKILL.</summary>
internal sealed class ReapTests
{
    private static readonly Finish LeftBehind = new(1, Fast: false);

    [Test]
    public void A_process_that_survives_SIGKILL_is_left_behind_after_the_reap_timeout()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5) + ServiceSettings.KillDelay);

        Assert.That(master.Advance(Defaults.ReapTimeout - TimeSpan.FromTicks(1)), Is.Empty);
        Assert.That(master.Advance(TimeSpan.FromTicks(1)).End(), Is.EqualTo(LeftBehind));
    }

    [Test]
    public void Other_services_keep_their_whole_graceful_timeout()
    {
        var master = new Master(
            Poller with { GracefulTimeout = Seconds(5) }, Sender with { GracefulTimeout = Seconds(60) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5) + ServiceSettings.KillDelay);

        Assert.That(master.Advance(Seconds(55) - ServiceSettings.KillDelay).End(), Is.Null);
        Assert.That(master.Advance(ServiceSettings.KillDelay).KilledSpawns(), Is.EqualTo(new[] { 2 }));
        Assert.That(master.Advance(Defaults.ReapTimeout).End(), Is.EqualTo(LeftBehind));
    }

    [Test]
    public void A_process_that_survives_SIGKILL_is_left_behind_when_the_others_exit_later()
    {
        var master = new Master(
            Poller with { GracefulTimeout = Seconds(5) }, Sender with { GracefulTimeout = Seconds(60) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5) + ServiceSettings.KillDelay);
        master.Advance(Defaults.ReapTimeout);
        master.Exit(master.Worker(0, service: 1), 0);

        master.Advance(Defaults.ReapTimeout);

        Assert.That(master.State.HasStopped, "no further event would end the stop");
        Assert.That(master.State.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public void A_process_that_survived_SIGKILL_before_the_stop_is_left_behind_too()
    {
        var master = new Master(Poller);
        master.Start();
        master.Advance(Poller.ReadyTimeout);
        master.Stop();
        master.HooksCompleted();

        Assert.That(master.Advance(Defaults.ReapTimeout).End(), Is.EqualTo(LeftBehind));
    }

    [Test]
    public void A_killed_process_that_exits_in_time_is_recorded()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Advance(Seconds(5) + ServiceSettings.KillDelay);
        master.Advance(Defaults.ReapTimeout / 2);

        Assert.That(
            master.Exit(master.Worker(), ExitStatus.Signaled(9)).InWords(), Is.EqualTo("exit StopTimeout, finish 1"));
    }

    [Test]
    public void A_slot_of_a_running_program_waits_without_a_limit_for_its_killed_process()
    {
        var master = new Master(Poller);
        master.Start();
        master.Advance(Poller.ReadyTimeout);

        Assert.That(master.Advance(Defaults.ExitTimeout).InWords(), Is.EqualTo("stuck"));
        Assert.That(master.Advance(TimeSpan.FromDays(1)), Is.Empty, "a slot never has two processes");
        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.Killed));

        Assert.That(master.Exit(master.Worker(), ExitStatus.Signaled(9)).InWords(), Does.Contain("exit ReadyTimeout"));
        master.Recover();
        Assert.That(master.Slot(0).State, Is.EqualTo(WorkerState.Ready));
    }

    [Test]
    public void A_process_that_survives_SIGKILL_aborts_the_restart_that_waits_for_it()
    {
        var master = new Master(Poller with { Workers = 3, GracefulTimeout = Seconds(5) }).StartAndSettle();
        master.Restart();
        Stick(master, () => master.Hello(master.Successor()));

        var answer = master.Advance(Defaults.ExitTimeout);

        Assert.That(answer.Outcome()!.Failures, Has.Count.EqualTo(3));
        Assert.That(answer.Outcome()!.Failures[0], Does.Contain("has not exited within 00:00:30 after SIGKILL"));
        Assert.That(master.HeldSlots(), Is.EqualTo(new[] { 0, 1, 2 }), "the other workers stay");
    }

    [TestCase("a reload")]
    [TestCase("a restart")]
    [TestCase("a restart of the worker")]
    public void A_later_operation_does_not_wait_for_a_process_that_survived_SIGKILL(string operation)
    {
        var master = new Master(Poller with { Workers = 2, GracefulTimeout = Seconds(5), ReadyTimeout = Seconds(20) }).StartAndSettle();
        master.Restart(1);
        Stick(master, () => master.Hello(master.Successor()));
        master.Advance(Defaults.ExitTimeout);

        _ = operation switch
        {
            "a reload" => master.Reload(2),
            "a restart" => master.Restart(2),
            _ => master.Send(new SupervisorMessage.ReloadRequested(2, new ReloadAction.RestartWorker("Poller", 0))),
        };
        for (var i = 0; i < 20 && !master.AllCommands.OfType<CompleteReload>().Any(c => c.Request == 2); i++)
        {
            foreach (var process in master.State.Processes.Values.Where(p => !p.IsStuck).ToList())
            {
                master.TakeNextStep(process);
            }

            master.Advance(Seconds(20));
        }

        Assert.That(master.AllCommands.OfType<CompleteReload>().Last().Request, Is.EqualTo(2));
    }

    [Test]
    public void A_successor_that_survives_SIGKILL_aborts_the_restart_and_the_next_one()
    {
        var master = new Master(Poller with { Workers = 2, ReadyTimeout = Seconds(5) }).StartAndSettle();
        master.Restart(1);
        master.Advance(Seconds(5));

        Assert.That(master.Advance(Defaults.ExitTimeout).Outcome()!.Failures, Has.Count.EqualTo(2));
        master.Restart(2);
        master.Hello(master.Successor(1));
        master.Exit(master.Worker(1), 0);
        var second = master.Ready(master.Worker(1)).Outcome()!;
        Assert.That((second.Replaced, second.Failures.Count), Is.EqualTo((1, 1)), "only worker 0 cannot be replaced");

        master.Exit(master.Successor(), ExitStatus.Signaled(9));
        master.Restart(3);
        master.Settle();
        var last = master.AllCommands.OfType<CompleteReload>().Last();
        Assert.That((last.Request, last.Services[0].Replaced), Is.EqualTo((3, 2)));
    }

    [Test]
    public void A_process_that_survives_SIGKILL_does_not_hold_up_the_replacement_of_the_other_workers()
    {
        var master = new Master(Poller with { Workers = 2, GracefulTimeout = Seconds(5), ReadyTimeout = Timeout.InfiniteTimeSpan }).StartAndSettle();
        master.Send(new SupervisorMessage.KillRequested("Poller", 1, 1, 5, "test"));
        Assert.That(master.Advance(Defaults.ExitTimeout).InWords(), Is.EqualTo("stuck"));

        master.Restart(2);
        Assert.That(master.Hello(master.Successor(0)).StoppedSpawns(), Is.EqualTo(new[] { 1 }));
        master.Exit(master.Worker(0), 0);

        Assert.That(master.Ready(master.Worker(0)).Outcome()!.Replaced, Is.EqualTo(1));
    }

    [Test]
    public void A_process_that_survives_SIGKILL_during_a_reload_in_place_fails_only_its_own_reload()
    {
        var master = new Master(Poller with { Workers = 2, GracefulTimeout = Seconds(500) }).StartAndSettle();
        master.Reload();
        master.Send(new SupervisorMessage.KillRequested("Poller", 1, 1, 5, "test"));
        Assert.That(master.Advance(Defaults.ExitTimeout).OfType<RecordAbortedReplacements>(), Is.Empty);

        var answer = master.Reloaded(master.Worker(0)).Outcome()!;
        Assert.That((answer.Reloaded, answer.Failures.Count), Is.EqualTo((1, 1)));
    }

    [Test]
    public void A_change_of_the_number_of_workers_fails_if_a_process_survives_SIGKILL()
    {
        var master = new Master(Poller with { Workers = 2, GracefulTimeout = Seconds(5) }).StartAndSettle();
        Stick(master, () => master.Scale(1, request: 7));

        var answer = master.Advance(Defaults.ExitTimeout).Answers().Single();

        Assert.That(answer.Outcome, Is.EqualTo(ScaleOutcome.Failed));
        Assert.That(answer.Error, Does.StartWith("1 process of 'Poller' has not exited within 00:00:30"));
    }

    /// <summary>Stops a worker, and lets its graceful timeout pass, so that it is killed.</summary>
    private static void Stick(Master master, Action stop)
    {
        stop();
        Assert.That(master.Advance(Seconds(5) + ServiceSettings.KillDelay).KilledSpawns(), Has.Count.EqualTo(1));
    }
}
