using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class ShutdownTests
{
    [Test, Category("Guarantee 3")]
    public void Stop_runs_the_hooks_then_stops_all_workers_at_once_then_finishes()
    {
        var master = new Master(Poller with { Workers = 2 }, Sender).StartAndSettle();

        Assert.That(master.Stop().InWords(), Is.EqualTo("hooks"));
        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("stop, Stopping, stop, Stopping, stop, Stopping"));
        Assert.That(master.Exit(master.Worker(0), 0).InWords(), Is.EqualTo("exit Stopped"));
        Assert.That(master.Exit(master.Worker(1), 0).InWords(), Is.EqualTo("exit Stopped"));
        Assert.That(master.Exit(master.Worker(0, service: 1), 0).InWords(), Is.EqualTo("exit Stopped, finish 0"));
        Assert.That(master.State.HasStopped);
    }

    [Test]
    public void The_first_stop_request_sets_the_exit_code()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop(5);
        Assert.That(master.Stop(6), Is.Empty);
        master.HooksCompleted();
        Assert.That(master.Stop(7), Is.Empty);

        Assert.That(master.Exit(master.Worker(), 0).End(), Is.EqualTo(new Finish(5, Fast: false)));
    }

    [Test]
    public void Only_the_first_shutdown_request_of_the_workers_takes_effect()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();

        var commands = master.Send(new SupervisorMessage.WorkerAskedForShutdown(master.Worker(1).Spawn, 7));
        Assert.That(commands.OfType<RecordShutdownRequest>().Single(), Is.EqualTo(new RecordShutdownRequest(master.Worker(1).Identity, 7)));
        Assert.That(commands.OfType<RunTerminateHooks>().Count(), Is.EqualTo(1));
        Assert.That(master.Send(new SupervisorMessage.WorkerAskedForShutdown(master.Worker(0).Spawn, 8)), Is.Empty);

        master.HooksCompleted();
        master.Exit(master.Worker(0), 0);
        Assert.That(master.Exit(master.Worker(1), 0).End(), Is.EqualTo(new Finish(7, Fast: false)));
    }

    [Test]
    public void Hooks_delay_the_stop_at_most_for_their_timeout()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();

        Assert.That(master.Advance(Defaults.HookTimeout - TimeSpan.FromTicks(1)), Is.Empty);
        Assert.That(master.Advance(TimeSpan.FromTicks(1)).InWords(), Is.EqualTo("stop, Stopping"));
        Assert.That(master.HooksCompleted(), Is.Empty, "the completion comes too late");
    }

    [Test]
    public void Hook_completion_without_a_stop_has_no_effect()
    {
        var master = new Master(Poller).StartAndSettle();

        Assert.That(master.HooksCompleted(), Is.Empty);
        Assert.That(master.State.Phase, Is.EqualTo(SupervisorPhase.Running));
    }

    [Test]
    public void The_hook_timeout_does_not_end_the_stop_of_the_workers()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();
        master.HooksCompleted();

        Assert.That(master.Advance(Defaults.HookTimeout), Is.Empty);
        Assert.That(master.Worker().State, Is.EqualTo(WorkerState.Stopping));
    }

    [Test, Category("Guarantee 3")]
    public void A_worker_that_crashes_while_the_hooks_run_is_not_replaced()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Stop();

        var commands = master.Exit(master.Worker(0), 2);

        Assert.That(commands.InWords(), Is.EqualTo("exit Exited"));
        Assert.That(commands.Exit().NextStart, Is.Null);
        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("stop, Stopping"));
    }

    [Test, Category("Guarantee 3")]
    public void A_slot_that_backs_off_is_not_filled_after_the_stop()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Exit(master.Worker(), 2);
        master.Settle();
        master.Exit(master.Worker(), 2);
        master.Stop();

        Assert.That(master.Advance(Seconds(5)), Is.Empty);
        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("finish 0"));
    }

    [Test, Category("Guarantee 3")]
    public void A_queued_slot_is_not_filled_after_the_stop()
    {
        var master = new Master(Defaults with { MaxConcurrentStarts = 1 }, Poller with { Workers = 3 });
        master.Start();
        master.Stop();

        Assert.That(master.Hello(master.Worker(0)), Is.Empty);
        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("kill, Killed"));
        Assert.That(master.Exit(master.Worker(0), ExitStatus.Signaled(9)).InWords(), Is.EqualTo("exit Stopped, finish 0"));
    }

    [Test]
    public void A_hello_during_the_hooks_gets_no_slot_and_the_process_is_killed_after_them()
    {
        var master = new Master(Poller);
        master.Start();
        master.Stop();

        Assert.That(master.Hello(master.Worker()), Is.Empty);
        Assert.That(master.HooksCompleted().KilledSpawns(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_worker_that_becomes_ready_while_the_hooks_run_is_stopped_gracefully()
    {
        var master = new Master(Poller);
        master.Start();
        master.Hello(master.Worker());
        master.Stop();

        Assert.That(master.Ready(master.Worker()).InWords(), Is.EqualTo("Ready"), "ready is not announced");
        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("stop, Stopping"));
    }

    [Test]
    public void A_worker_that_is_starting_its_service_is_stopped_gracefully()
    {
        var master = new Master(Poller);
        master.Start();
        master.Hello(master.Worker());
        master.Stop();

        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("stop, Stopping"));
    }

    [Test]
    public void A_worker_that_stops_while_the_hooks_run_is_not_asked_to_stop()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();
        master.Leaving(master.Worker(), WorkerExitReason.Terminated);

        Assert.That(master.HooksCompleted(), Is.Empty);
        Assert.That(master.Exit(master.Worker(), 0).InWords(), Is.EqualTo("exit Terminated, finish 0"));
    }

    [Test]
    public void A_worker_killed_at_its_timeout_sets_exit_code_1()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5), Workers = 2 }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Exit(master.Worker(0), 0);
        master.Advance(Seconds(5) + ServiceSettings.KillDelay);

        Assert.That(
            master.Exit(master.Worker(1), ExitStatus.Signaled(9)).InWords(), Is.EqualTo("exit StopTimeout, finish 1"));
    }

    [Test]
    public void A_worker_that_ends_itself_at_its_timeout_sets_exit_code_1()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Leaving(master.Worker(), WorkerExitReason.StopTimeout);

        Assert.That(master.Exit(master.Worker(), 1).End(), Is.EqualTo(new Finish(1, Fast: false)));
    }

    [Test]
    public void A_stop_timeout_does_not_override_another_exit_code()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop(3);
        master.HooksCompleted();
        master.AdvanceToNextDeadline();

        Assert.That(master.Exit(master.Worker(), ExitStatus.Signaled(9)).End(), Is.EqualTo(new Finish(3, Fast: false)));
    }

    [Test]
    public void A_worker_that_faults_while_it_stops_does_not_change_the_exit_code()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Leaving(master.Worker(), WorkerExitReason.Faulted);

        Assert.That(master.Exit(master.Worker(), 2).End(), Is.EqualTo(new Finish(0, Fast: false)));
    }

    [Test]
    public void A_stop_before_the_start_finishes_at_once()
    {
        var master = new Master(Poller);

        Assert.That(master.Stop(4).InWords(), Is.EqualTo("finish 4"));
        Assert.That(master.Start(), Is.Empty);
    }

    [Test]
    public void A_program_without_workers_stops_after_the_hooks()
    {
        var master = new Master(Poller with { Workers = 0 }).StartAndSettle();
        master.Stop();

        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("finish 0"));
    }

    [Test]
    public void Messages_after_the_end_have_no_effect()
    {
        var master = new Master(Poller).StartAndSettle();
        var process = master.Worker();
        master.Stop();
        master.HooksCompleted();
        master.Exit(process, 0);

        Assert.That(
            new[]
            {
                master.Start(), master.Stop(), master.FastStop(), master.HooksCompleted(), master.Scale(5),
                master.Exit(process, 0), master.Advance(TimeSpan.FromDays(1)),
            },
            Is.All.Empty);
    }
}
