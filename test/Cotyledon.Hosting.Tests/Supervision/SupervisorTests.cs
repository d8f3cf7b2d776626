using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Time.Testing;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The loop, driven one turn at a time with a fake clock.</summary>
internal sealed class SupervisorTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private readonly List<SupervisorCommand> _output = [];
    private FakeLauncher _launcher = null!;
    private Supervisor _supervisor = null!;

    [TearDown]
    public void TearDown() => _supervisor.Dispose();

    [Test]
    public void Workers_are_started_assigned_and_announced()
    {
        Create(Poller with { Workers = 2 });

        Post(new SupervisorMessage.SupervisorStarted());

        Assert.That(_launcher.Calls, Is.EqualTo(new[] { "start 1", "start 2", "assign 1", "assign 2" }));
        Assert.That(_output[^1], Is.EqualTo(new SupervisorCommand.AnnounceReady()));
    }

    [Test]
    public void Messages_are_queued_until_the_loop_handles_them()
    {
        Create(Poller);

        _supervisor.Post(new SupervisorMessage.SupervisorStarted());
        Assert.That(_launcher.Calls, Is.Empty);

        _supervisor.HandlePending();
        Assert.That(_launcher.Calls, Is.Not.Empty);
    }

    [Test]
    public void A_deadline_is_handled_when_it_is_due()
    {
        Create(Poller with { ReadyTimeout = Seconds(20) });
        _launcher.OnAssign = _ => { };
        Post(new SupervisorMessage.SupervisorStarted());
        _launcher.Calls.Clear();

        Advance(Seconds(19.9));
        Assert.That(_launcher.Calls, Is.Empty);

        _launcher.OnStart = _ => { };
        Advance(Seconds(0.1));
        Assert.That(_launcher.Calls, Is.EqualTo(new[] { "kill 1", "start 2" }));
    }

    [Test]
    public void A_deadline_less_than_a_timer_tick_away_is_not_handled_early()
    {
        Create(Poller with { ReadyTimeout = Seconds(20) });
        _launcher.OnAssign = _ => { };
        Post(new SupervisorMessage.SupervisorStarted());

        Advance(Seconds(20) - TimeSpan.FromTicks(1));

        Assert.That(_launcher.Calls, Does.Not.Contain("kill 1"));
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
        Assert.That(_launcher.Calls, Does.Not.Contain("start 3"));

        Advance(Seconds(2.1));
        Assert.That(Status().Workers[0], Is.EqualTo(new WorkerStatus
        {
            WorkerId = 0,
            ProcessId = 1003,
            State = WorkerState.Ready,
            Incarnation = 3,
            StartedAt = _clock.GetUtcNow(),
            ReadySince = _clock.GetUtcNow(),
            Restarts = 2,
            LastExit = Status().Workers[0].LastExit,
        }));
    }

    [Test]
    public void A_failed_start_is_retried_until_it_succeeds()
    {
        Create(Poller with { Backoff = new Backoff(Seconds(1), Seconds(1)) });
        var works = _launcher.OnStart;
        _launcher.OnStart = spawn => _launcher.FailToStart(spawn);
        Post(new SupervisorMessage.SupervisorStarted());
        Advance(Seconds(1));
        Advance(Seconds(1));
        Assert.That(_launcher.Calls, Is.EqualTo(new[] { "start 1", "start 2", "start 3" }));
        Assert.That(Status().Workers[0].LastExit!.Reason, Is.EqualTo(WorkerExitReason.StartFailed));

        _launcher.OnStart = works;
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

        var status = _supervisor.Read((state, now) => StatusReport.Of(state, now, _clock.GetUtcNow()));

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
        _launcher.OnStop = _ => { };
        Post(new SupervisorMessage.ResizeRequested("Poller", 1, Request: null));
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

        Assert.That(_launcher.Calls[^1], Is.EqualTo("stop 1"));
        Assert.That(_output[^1], Is.EqualTo(new SupervisorCommand.Finish(4, Fast: false)));
    }

    [Test]
    public async Task A_request_after_the_end_is_answered_and_nothing_else_happens()
    {
        Create(Poller);
        _supervisor.Start();
        _supervisor.Post(new SupervisorMessage.StopRequested());
        await _supervisor.Completion;
        StopThread();

        _supervisor.Post(new SupervisorMessage.SupervisorStarted());
        _supervisor.Post(new SupervisorMessage.ResizeRequested("Poller", 2, Request: 1));

        Assert.That(_output.Select(c => c.GetType()), Is.EqualTo(new[] { typeof(SupervisorCommand.CompleteRequest) }));
        Assert.That(_launcher.Calls, Is.Empty);
    }

    [Test]
    public async Task The_loop_on_its_own_thread_runs_to_the_end()
    {
        Create(Poller with { Workers = 3 });
        _supervisor.Start();

        _supervisor.Post(new SupervisorMessage.SupervisorStarted());
        _supervisor.Post(new SupervisorMessage.StopRequested());
        _supervisor.Post(new SupervisorMessage.TerminateHooksCompleted());
        await _supervisor.Completion;

        Assert.That(_output[^1], Is.EqualTo(new SupervisorCommand.Finish(0, Fast: false)));
        _supervisor.Dispose();
        Assert.That(_launcher.Calls[^1], Is.EqualTo("dispose"));
    }

    [Test]
    public void An_exception_in_the_loop_faults_the_completion()
    {
        Create(Poller);
        _launcher.OnStart = _ => throw new NotSupportedException("an error");
        _supervisor.Start();

        _supervisor.Post(new SupervisorMessage.SupervisorStarted());

        Assert.That(() => _supervisor.Completion, Throws.TypeOf<NotSupportedException>());
    }

    [Test]
    public void After_an_exception_in_the_loop_nothing_is_started_and_requests_are_answered()
    {
        Create(Poller with { Workers = 2 });
        _launcher.OnAssign = _ => throw new NotSupportedException("an error");
        _supervisor.Start();
        _supervisor.Post(new SupervisorMessage.SupervisorStarted());
        Assert.That(() => _supervisor.Completion, Throws.TypeOf<NotSupportedException>());
        StopThread();

        _launcher.Crash(1);
        _supervisor.Post(new SupervisorMessage.ResizeRequested("Poller", 1, Request: 1));

        Assert.That(_launcher.Calls, Is.Empty);
        Assert.That(_output.OfType<SupervisorCommand.CompleteRequest>().Select(c => c.Request), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task No_watchdog_notification_is_sent_while_a_command_blocks()
    {
        Create(Poller with { Workers = 0 });
        Post(new SupervisorMessage.SupervisorStarted(new ServiceManager(Seconds(10))));
        Advance(Seconds(5));
        Assert.That(_output.Notices<Notice.Watchdog>(), Has.Count.EqualTo(2));

        using var blocked = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        _launcher.OnStart = _ =>
        {
            blocked.Set();
            released.Wait();
        };
        _supervisor.Post(new SupervisorMessage.ResizeRequested("Poller", 1, Request: null));
        var turn = Task.Run(_supervisor.HandlePending);
        blocked.Wait();
        _clock.Advance(TimeSpan.FromHours(1));
        _supervisor.Post(new SupervisorMessage.TimePassed());
        Assert.That(_output.Notices<Notice.Watchdog>(), Has.Count.EqualTo(2), "only the loop sends it");

        released.Set();
        await turn;
        _supervisor.HandlePending();
        Assert.That(_output.Notices<Notice.Watchdog>(), Has.Count.EqualTo(3));
    }

    [Test]
    public void Posting_blocks_at_MaxWaiting_messages_until_the_loop_catches_up()
    {
        Create(Poller);
        var count = 0;
        var flood = new Thread(() =>
        {
            for (var i = 0; i < 2 * Supervisor.MaxWaiting; i++)
            {
                _launcher.ReportAlive(1);
                count++;
            }
        });
        flood.Start();
        Assert.That(() => flood.ThreadState.HasFlag(ThreadState.WaitSleepJoin) ? Volatile.Read(ref count) : 0,
            Is.EqualTo(Supervisor.MaxWaiting).After(10).Seconds.PollEvery(10).MilliSeconds);

        Assert.That(
            () =>
            {
                _supervisor.HandlePending();
                return flood.Join(1);
            },
            Is.True.After(10).Seconds.PollEvery(1).MilliSeconds);
        Assert.That(count, Is.EqualTo(2 * Supervisor.MaxWaiting));
    }

    private void Create(params ServiceSettings[] services)
    {
        var output = new Moq.Mock<ISupervisorOutput>();
        output.Setup(o => o.Execute(Moq.It.IsAny<SupervisorCommand>())).Callback<SupervisorCommand>(_output.Add);
        _supervisor = new Supervisor(
            new SupervisorState(Defaults, services, seed: 1),
            report => _launcher = new FakeLauncher(report),
            output.Object,
            _clock);
    }

    private void Post(SupervisorMessage message)
    {
        _supervisor.Post(message);
        _supervisor.HandlePending();
    }

    private void Advance(TimeSpan time)
    {
        _clock.Advance(time);
        _supervisor.HandlePending();
    }

    private void CrashInLoop(int spawn)
    {
        _launcher.Crash(spawn);
        _supervisor.HandlePending();
    }

    /// <summary>Stops the thread of the loop; afterwards only the test handles messages.</summary>
    private void StopThread()
    {
        _supervisor.Dispose();
        _launcher.Calls.Clear();
        _output.Clear();
    }

    private ServiceStatus Status() =>
        _supervisor.Read((state, now) => StatusReport.Of(state, now, _clock.GetUtcNow()))[0];
}
