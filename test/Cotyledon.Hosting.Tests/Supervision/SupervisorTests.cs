using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The loop, driven one turn at a time with a fake clock.</summary>
internal sealed class SupervisorTests : SupervisorFixture
{
    [Test]
    public void Workers_are_started_assigned_and_announced()
    {
        Create(Poller with { Workers = 2 });

        Post(new SupervisorMessage.SupervisorStarted());

        Assert.That(Launcher.Calls, Is.EqualTo(new[] { "start 1", "start 2", "assign 1", "assign 2" }));
        Assert.That(Output[^1], Is.EqualTo(new SupervisorCommand.AnnounceReady()));
    }

    [Test]
    public void Messages_are_queued_until_the_loop_handles_them()
    {
        Create(Poller);

        Supervised.Post(new SupervisorMessage.SupervisorStarted());
        Assert.That(Launcher.Calls, Is.Empty);

        Supervised.HandlePending();
        Assert.That(Launcher.Calls, Is.Not.Empty);
    }

    [Test]
    public void A_deadline_is_handled_when_it_is_due()
    {
        Create(Poller with { ReadyTimeout = Seconds(20) });
        Launcher.OnAssign = _ => { };
        Post(new SupervisorMessage.SupervisorStarted());
        Launcher.Calls.Clear();

        Advance(Seconds(19.9));
        Assert.That(Launcher.Calls, Is.Empty);

        Launcher.OnStart = _ => { };
        Advance(Seconds(0.1));
        Assert.That(Launcher.Calls, Is.EqualTo(new[] { "kill 1", "start 2" }));
    }

    [Test]
    public void A_deadline_less_than_a_timer_tick_away_is_not_handled_early()
    {
        Create(Poller with { ReadyTimeout = Seconds(20) });
        Launcher.OnAssign = _ => { };
        Post(new SupervisorMessage.SupervisorStarted());

        Advance(Seconds(20) - TimeSpan.FromTicks(1));

        Assert.That(Launcher.Calls, Does.Not.Contain("kill 1"));
    }

    [Test]
    public void A_slot_is_filled_again_after_its_back_off_and_not_before()
    {
        Create(Poller with { Backoff = new Backoff(Seconds(4), Seconds(4)) });
        Post(new SupervisorMessage.SupervisorStarted());
        CrashInLoop(1);
        CrashInLoop(2);
        Assert.That(Status().Workers[0].State, Is.EqualTo(WorkerState.BackingOff));

        Advance(Seconds(2.9));
        Assert.That(Launcher.Calls, Does.Not.Contain("start 3"));

        Advance(Seconds(2.1));
        Assert.That(Status().Workers[0], Is.EqualTo(new WorkerStatus
        {
            WorkerId = 0,
            ProcessId = 1003,
            State = WorkerState.Ready,
            Incarnation = 3,
            StartedAt = Clock.GetUtcNow(),
            ReadySince = Clock.GetUtcNow(),
            Restarts = 2,
            LastExit = Status().Workers[0].LastExit,
        }));
    }

    [Test]
    public void A_failed_start_is_retried_until_it_succeeds()
    {
        Create(Poller with { Backoff = new Backoff(Seconds(1), Seconds(1)) });
        var works = Launcher.OnStart;
        Launcher.OnStart = spawn => Launcher.FailToStart(spawn);
        Post(new SupervisorMessage.SupervisorStarted());
        Advance(Seconds(1));
        Advance(Seconds(1));
        Assert.That(Launcher.Calls, Is.EqualTo(new[] { "start 1", "start 2", "start 3" }));
        Assert.That(Status().Workers[0].LastExit!.Reason, Is.EqualTo(WorkerExitReason.StartFailed));

        Launcher.OnStart = works;
        Advance(Seconds(1));

        Assert.That(Status().Ready, Is.EqualTo(1));
    }

    [Test]
    public void The_status_contains_every_slot_with_its_start_time()
    {
        Create(Poller with { Workers = 2 }, Sender with { Workers = 0 });
        Post(new SupervisorMessage.SupervisorStarted());
        Advance(Seconds(30));
        CrashInLoop(2);
        Advance(Seconds(10));

        var status = Supervised.Read((state, now) => StatusReport.Of(state, now, Clock.GetUtcNow()));

        Assert.That(status.Select(s => (s.Name, s.Target, s.Ready)), Is.EqualTo(new[] { ("Poller", 2, 2), ("Sender", 0, 0) }));
        Assert.That(
            status[0].Workers.Select(w => (w.WorkerId, w.ProcessId, w.State, w.Incarnation, w.Restarts)),
            Is.EqualTo(new[] { (0, (int?)1001, WorkerState.Ready, 1, 0), (1, 1003, WorkerState.Ready, 2, 1) }));
        Assert.That(
            status[0].Workers.Select(w => w.StartedAt - DateTimeOffset.UnixEpoch),
            Is.EqualTo(new[] { Seconds(0), Seconds(30) }));
        Assert.That(status[0].Workers[0].LastExit, Is.Null);
        Assert.That(status[0].Workers[1].LastExit!.ExitCode, Is.EqualTo(2));
    }

    [Test]
    public void The_status_contains_surplus_workers_until_they_have_exited()
    {
        Create(Poller with { Workers = 2 });
        Post(new SupervisorMessage.SupervisorStarted());
        Launcher.OnStop = _ => { };
        Post(new SupervisorMessage.ScaleRequested("Poller", 1, Request: null));
        Assert.That(Status().Workers.Select(w => w.State), Is.EqualTo(new[] { WorkerState.Ready, WorkerState.Stopping }));

        CrashInLoop(2);
        Assert.That(Status().Workers.Select(w => w.WorkerId), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void The_output_receives_Finish_with_the_exit_code()
    {
        Create(Poller);
        Post(new SupervisorMessage.SupervisorStarted());

        Post(new SupervisorMessage.StopRequested(4));
        Post(new SupervisorMessage.TerminateHooksCompleted());

        Assert.That(Launcher.Calls[^1], Is.EqualTo("stop 1"));
        Assert.That(Output[^1], Is.EqualTo(new SupervisorCommand.Finish(4, Fast: false)));
    }
}
