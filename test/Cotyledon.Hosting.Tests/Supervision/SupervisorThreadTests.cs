using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Tests.Supervision.Master;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The thread of the loop, and the threads that post messages to it.</summary>
internal sealed class SupervisorThreadTests : SupervisorFixture
{
    [Test]
    public async Task A_request_after_the_end_is_answered_and_nothing_else_happens()
    {
        Create(Poller);
        Supervised.Start();
        Supervised.Post(new SupervisorMessage.StopRequested());
        await Supervised.Completion;
        StopThread();

        Supervised.Post(new SupervisorMessage.SupervisorStarted());
        Supervised.Post(new SupervisorMessage.ScaleRequested("Poller", 2, Request: 1));

        Assert.That(Output.Select(c => c.GetType()), Is.EqualTo(new[] { typeof(SupervisorCommand.CompleteRequest) }));
        Assert.That(Launcher.Calls, Is.Empty);
    }

    [Test]
    public async Task The_loop_on_its_own_thread_runs_to_the_end()
    {
        Create(Poller with { Workers = 3 });
        Supervised.Start();

        Supervised.Post(new SupervisorMessage.SupervisorStarted());
        Supervised.Post(new SupervisorMessage.StopRequested());
        Supervised.Post(new SupervisorMessage.TerminateHooksCompleted());
        await Supervised.Completion;

        Assert.That(Output[^1], Is.EqualTo(new SupervisorCommand.Finish(0, Fast: false)));
        Supervised.Dispose();
        Assert.That(Launcher.Calls[^1], Is.EqualTo("dispose"));
    }

    [Test]
    public void An_exception_in_the_loop_faults_the_completion()
    {
        Create(Poller);
        Launcher.OnStart = _ => throw new NotSupportedException("an error");
        Supervised.Start();

        Supervised.Post(new SupervisorMessage.SupervisorStarted());

        Assert.That(() => Supervised.Completion, Throws.TypeOf<NotSupportedException>());
    }

    [Test]
    public void After_an_exception_in_the_loop_nothing_is_started_and_requests_are_answered()
    {
        Create(Poller with { Workers = 2 });
        Launcher.OnAssign = _ => throw new NotSupportedException("an error");
        Supervised.Start();
        Supervised.Post(new SupervisorMessage.SupervisorStarted());
        Assert.That(() => Supervised.Completion, Throws.TypeOf<NotSupportedException>());
        StopThread();

        Launcher.Crash(1);
        Supervised.Post(new SupervisorMessage.ScaleRequested("Poller", 1, Request: 1));

        Assert.That(Launcher.Calls, Is.Empty);
        Assert.That(Output.OfType<SupervisorCommand.CompleteRequest>().Select(c => c.Request), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task No_watchdog_notification_is_sent_while_a_command_blocks()
    {
        Create(Poller with { Workers = 0 });
        Post(new SupervisorMessage.SupervisorStarted(new ServiceManager(Seconds(10))));
        Advance(Seconds(5));
        Assert.That(Output.Notices<Notice.Watchdog>(), Has.Count.EqualTo(2));

        using var blocked = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        Launcher.OnStart = _ =>
        {
            blocked.Set();
            released.Wait();
        };
        Supervised.Post(new SupervisorMessage.ScaleRequested("Poller", 1, Request: null));
        var turn = Task.Run(Supervised.HandlePending);
        blocked.Wait();
        Clock.Advance(TimeSpan.FromHours(1));
        Supervised.Post(new SupervisorMessage.TimePassed());
        Assert.That(Output.Notices<Notice.Watchdog>(), Has.Count.EqualTo(2), "only the loop sends it");

        released.Set();
        await turn;
        Supervised.HandlePending();
        Assert.That(Output.Notices<Notice.Watchdog>(), Has.Count.EqualTo(3));
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
                Launcher.ReportAlive(1);
                count++;
            }
        });
        flood.Start();
        Assert.That(() => flood.ThreadState.HasFlag(ThreadState.WaitSleepJoin) ? Volatile.Read(ref count) : 0,
            Is.EqualTo(Supervisor.MaxWaiting).After(10).Seconds.PollEvery(10).MilliSeconds);

        Assert.That(
            () =>
            {
                Supervised.HandlePending();
                return flood.Join(1);
            },
            Is.True.After(10).Seconds.PollEvery(1).MilliSeconds);
        Assert.That(count, Is.EqualTo(2 * Supervisor.MaxWaiting));
    }
}
