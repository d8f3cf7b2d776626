using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

internal sealed class ShutdownTests
{
    [Test]
    public void First_the_hooks_then_all_workers_at_once_then_the_end()
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
    public void The_exit_code_of_the_first_request_counts()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop(5);
        Assert.That(master.Stop(6), Is.Empty);
        master.HooksCompleted();
        Assert.That(master.Stop(7), Is.Empty);

        Assert.That(master.Exit(master.Worker(), 0).End(), Is.EqualTo(new Finish(5, Fast: false)));
    }

    [Test]
    public void A_worker_may_end_the_program_once()
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
    public void Hooks_that_do_not_end_hold_up_the_stop_for_their_timeout_only()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();

        Assert.That(master.Advance(Defaults.HookTimeout - TimeSpan.FromTicks(1)), Is.Empty);
        Assert.That(master.Advance(TimeSpan.FromTicks(1)).InWords(), Is.EqualTo("stop, Stopping"));
        Assert.That(master.HooksCompleted(), Is.Empty, "they come too late");
    }

    [Test]
    public void Hooks_that_end_without_having_been_called_change_nothing()
    {
        var master = new Master(Poller).StartAndSettle();

        Assert.That(master.HooksCompleted(), Is.Empty);
        Assert.That(master.State.Phase, Is.EqualTo(SupervisorPhase.Running));
    }

    [Test]
    public void The_hooks_timeout_of_the_first_phase_does_not_end_the_second()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();
        master.HooksCompleted();

        Assert.That(master.Advance(Defaults.HookTimeout), Is.Empty);
        Assert.That(master.Worker().State, Is.EqualTo(WorkerState.Stopping));
    }

    [Test]
    public void A_worker_that_crashes_while_the_hooks_run_is_not_replaced()
    {
        var master = new Master(Poller with { Workers = 2 }).StartAndSettle();
        master.Stop();

        var commands = master.Exit(master.Worker(0), 2);

        Assert.That(commands.InWords(), Is.EqualTo("exit Exited"));
        Assert.That(commands.Exit().NextStart, Is.Null);
        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("stop, Stopping"));
    }

    [Test]
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

    [Test]
    public void A_slot_that_waits_for_its_turn_is_not_filled_after_the_stop()
    {
        var master = new Master(Defaults with { MaxConcurrentStarts = 1 }, Poller with { Workers = 3 });
        master.Start();
        master.Stop();

        Assert.That(master.Hello(master.Worker(0)), Is.Empty);
        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("kill, Killed"));
        Assert.That(master.Exit(master.Worker(0), ExitStatus.Signaled(9)).InWords(), Is.EqualTo("exit Stopped, finish 0"));
    }

    [Test]
    public void A_process_that_says_hello_while_the_hooks_run_gets_no_slot_and_is_killed_after_them()
    {
        var master = new Master(Poller);
        master.Start();
        master.Stop();

        Assert.That(master.Hello(master.Worker()), Is.Empty);
        Assert.That(master.HooksCompleted().KilledSpawns(), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_worker_that_gets_ready_while_the_hooks_run_is_stopped_gracefully()
    {
        var master = new Master(Poller);
        master.Start();
        master.Hello(master.Worker());
        master.Stop();

        Assert.That(master.Ready(master.Worker()).InWords(), Is.EqualTo("Ready"), "and nothing is announced");
        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("stop, Stopping"));
    }

    [Test]
    public void A_worker_that_starts_its_service_is_asked_gracefully()
    {
        var master = new Master(Poller);
        master.Start();
        master.Hello(master.Worker());
        master.Stop();

        Assert.That(master.HooksCompleted().InWords(), Is.EqualTo("stop, Stopping"));
    }

    [Test]
    public void A_worker_that_leaves_while_the_hooks_run_is_not_asked_again()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();
        master.Leaving(master.Worker(), WorkerExitReason.Terminated);

        Assert.That(master.HooksCompleted(), Is.Empty);
        Assert.That(master.Exit(master.Worker(), 0).InWords(), Is.EqualTo("exit Terminated, finish 0"));
    }

    [Test]
    public void A_worker_that_is_killed_at_its_timeout_makes_the_exit_code_1()
    {
        var master = new Master(Poller with { GracefulTimeout = Seconds(5), Workers = 2 }).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Exit(master.Worker(0), 0);
        master.Advance(Seconds(5.25));

        Assert.That(
            master.Exit(master.Worker(1), ExitStatus.Signaled(9)).InWords(), Is.EqualTo("exit StopTimeout, finish 1"));
    }

    [Test]
    public void A_worker_that_ends_itself_at_its_timeout_makes_the_exit_code_1()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Leaving(master.Worker(), WorkerExitReason.StopTimeout);

        Assert.That(master.Exit(master.Worker(), 1).End(), Is.EqualTo(new Finish(1, Fast: false)));
    }

    [Test]
    public void A_timeout_does_not_hide_another_exit_code()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop(3);
        master.HooksCompleted();
        master.AdvanceToNextDeadline();

        Assert.That(master.Exit(master.Worker(), ExitStatus.Signaled(9)).End(), Is.EqualTo(new Finish(3, Fast: false)));
    }

    [Test]
    public void A_worker_that_fails_on_its_way_out_leaves_the_exit_code_alone()
    {
        var master = new Master(Poller).StartAndSettle();
        master.Stop();
        master.HooksCompleted();
        master.Leaving(master.Worker(), WorkerExitReason.Faulted);

        Assert.That(master.Exit(master.Worker(), 2).End(), Is.EqualTo(new Finish(0, Fast: false)));
    }

    [Test]
    public void A_stop_before_the_start_is_the_end()
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
    public void Nothing_happens_after_the_end()
    {
        var master = new Master(Poller).StartAndSettle();
        var process = master.Worker();
        master.Stop();
        master.HooksCompleted();
        master.Exit(process, 0);

        Assert.That(
            new[]
            {
                master.Start(), master.Stop(), master.FastStop(), master.HooksCompleted(), master.Resize(5),
                master.Exit(process, 0), master.Advance(TimeSpan.FromDays(1)),
            },
            Is.All.Empty);
    }
}
