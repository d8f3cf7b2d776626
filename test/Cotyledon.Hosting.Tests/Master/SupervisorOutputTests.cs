using System.Diagnostics.Metrics;
using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Observability;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Cotyledon.Hosting.Tests.Master;

internal sealed class SupervisorOutputTests
{
    private static readonly TimeSpan HookTimeout = TimeSpan.FromSeconds(10);

    private static readonly WorkerExit Exit = Exits.Faulted;

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private readonly TestLogger _logger = new();
    private readonly Mock<ICotyledonHooks> _hooks = new();
    private readonly List<SupervisorMessage> _reported = [];
    private readonly Pending _hookStarted = new();
    private readonly WorkerEvents _events = new();
    private readonly FakeHost _host = new();
    private ServiceProvider _provider = null!;
    private BackgroundLog _log = null!;

    [SetUp]
    public void SetUp()
    {
        _provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _log = new BackgroundLog(_logger);
        _hooks.SetReturnsDefault(Task.CompletedTask);
    }

    [TearDown]
    public void TearDown()
    {
        _log.Dispose();
        _provider.Dispose();
    }

    [Test]
    public async Task An_exit_is_passed_to_the_hooks_the_watchers_and_the_log()
    {
        var output = Create();
        var watching = _events.WatchAsync(CancellationToken.None).GetAsyncEnumerator();

        output.Execute(new SupervisorCommand.RecordExit(Exit));
        await output.WaitForHooksAsync();

        _hooks.Verify(h => h.OnDeadWorkerAsync(Exit, It.IsAny<CancellationToken>()), Times.Once);
        Assert.That(await watching.MoveNextAsync());
        Assert.That(watching.Current, Is.EqualTo(new WorkerEvent
        {
            Number = 1,
            Time = DateTimeOffset.UnixEpoch,
            Kind = WorkerEventKind.Exited,
            Service = "Poller",
            WorkerId = 3,
            Incarnation = 2,
            ProcessId = 812,
            Exit = Exit,
        }));
        await WaitForLogAsync();
        Assert.That(_logger.Lines.Single().Message, Does.StartWith("Poller(3) [812] failed (exit code 2)")
            .And.Contain("System.Exception: broken").And.Contain("replaced at once").And.Contain("last line"));
    }

    [Test]
    public void The_last_64_exits_are_kept_newest_first()
    {
        var output = Create(hooks: []);
        for (var i = 1; i <= 70; i++)
        {
            output.Execute(new SupervisorCommand.RecordExit(Exit with { Incarnation = i }));
        }

        Assert.That(output.GetExits(100).Select(e => e.Incarnation), Is.EqualTo(Enumerable.Range(7, 64).Reverse()));
        Assert.That(output.GetExits(2).Select(e => e.Incarnation), Is.EqualTo(new[] { 70, 69 }));
        Assert.That(output.GetExits(0), Is.Empty);
    }

    [Test]
    public async Task The_end_of_the_terminate_hooks_is_reported()
    {
        var end = new Pending();
        _hooks.Setup(h => h.OnTerminateAsync(It.IsAny<CancellationToken>())).Returns(() => Started(end.Task));
        var output = Create();

        output.Execute(new SupervisorCommand.RunTerminateHooks());
        await _hookStarted.Task;
        Assert.That(_reported, Is.Empty);

        end.SetResult();
        await output.WaitForHooksAsync();
        Assert.That(_reported, Is.EqualTo(new[] { new SupervisorMessage.TerminateHooksCompleted() }));
    }

    [Test]
    public void Without_hooks_the_end_of_the_terminate_hooks_is_reported_at_once()
    {
        var output = Create(hooks: []);

        output.Execute(new SupervisorCommand.RunTerminateHooks());

        Assert.That(_reported, Is.EqualTo(new[] { new SupervisorMessage.TerminateHooksCompleted() }));
    }

    [Test]
    public async Task The_end_of_hanging_hooks_is_reported_at_their_timeout()
    {
        _hooks.Setup(h => h.OnTerminateAsync(It.IsAny<CancellationToken>()))
            .Returns(() => Started(Pending.ForEver));
        var output = Create();

        output.Execute(new SupervisorCommand.RunTerminateHooks());
        await _hookStarted.Task;
        _clock.Advance(HookTimeout - TimeSpan.FromTicks(1));
        Assert.That(_reported, Is.Empty);

        _clock.Advance(TimeSpan.FromTicks(1));
        await output.WaitForHooksAsync();
        Assert.That(_reported, Is.EqualTo(new[] { new SupervisorMessage.TerminateHooksCompleted() }));
    }

    [Test]
    public async Task The_end_of_hooks_that_throw_is_reported_too()
    {
        _hooks.Setup(h => h.OnTerminateAsync(It.IsAny<CancellationToken>())).Throws(new NotSupportedException());
        var output = Create();

        output.Execute(new SupervisorCommand.RunTerminateHooks());
        await output.WaitForHooksAsync();

        Assert.That(_reported, Is.EqualTo(new[] { new SupervisorMessage.TerminateHooksCompleted() }));
        Assert.That(_logger.Names, Does.Contain("HookFailed"));
    }

    [Test]
    public async Task A_hanging_hook_delays_only_the_wait_for_it()
    {
        _hooks.Setup(h => h.OnDeadWorkerAsync(It.IsAny<WorkerExit>(), It.IsAny<CancellationToken>()))
            .Returns(() => Started(Pending.ForEver));
        var output = Create();

        output.Execute(new SupervisorCommand.RecordExit(Exit));
        var (number, answer) = output.NewRequest();
        output.Execute(new SupervisorCommand.CompleteRequest(number, Error: null));
        Assert.That(answer.IsCompletedSuccessfully);

        await _hookStarted.Task;
        var wait = output.WaitForHooksAsync();
        Assert.That(wait.IsCompleted, Is.False);
        _clock.Advance(HookTimeout);
        await wait;
    }

    [Test]
    public async Task Each_request_receives_its_own_answer()
    {
        var output = Create();
        var (first, firstAnswer) = output.NewRequest();
        var (second, secondAnswer) = output.NewRequest();

        output.Execute(new SupervisorCommand.CompleteRequest(second, "Too late."));
        Assert.That(firstAnswer.IsCompleted, Is.False);
        output.Execute(new SupervisorCommand.CompleteRequest(first, Error: null));

        Assert.That(((await firstAnswer).Error, (await secondAnswer).Error), Is.EqualTo(((string?)null, "Too late.")));
        Assert.That(() => output.Execute(new SupervisorCommand.CompleteRequest(99, Error: null)), Throws.Nothing);
    }

    [Test]
    public async Task Finish_ends_the_watch_streams_and_is_reported_to_the_program()
    {
        var output = Create();
        var watching = _events.WatchAsync(CancellationToken.None).GetAsyncEnumerator();

        output.Execute(new SupervisorCommand.Finish(1, Fast: true, EndsProcess: true));

        Assert.That(_host.Finished, Is.EqualTo((1, true)));
        Assert.That(await watching.MoveNextAsync(), Is.False);
        await WaitForLogAsync();
        Assert.That(_logger.Names, Is.EqualTo(new[] { "FastStop", "SupervisorStopped" }));
    }

    [Test]
    public void Ready_and_stopping_are_announced_in_order()
    {
        var output = Create([]);

        output.Execute(new SupervisorCommand.AnnounceReady());
        output.Execute(new SupervisorCommand.RunTerminateHooks());

        Assert.That(_host.Calls, Is.EqualTo(new[] { "ready", "stopping" }));
    }

    [TestCase(0, "All workers are ready.")]
    [TestCase(2, "All workers are ready, except 2 that were given up.")]
    public async Task Ready_is_logged_with_the_number_of_given_up_workers(int givenUp, string expected)
    {
        Create([]).Execute(new SupervisorCommand.AnnounceReady(givenUp));
        await WaitForLogAsync();

        Assert.That(_logger.Lines.Select(l => (l.Name, l.Message)), Is.EqualTo(new[] { ("AllReady", expected) }));
    }

    [Test]
    public async Task Replacement_hooks_that_come_too_late_are_not_called()
    {
        var hooks = _hooks.As<ICotyledonReplacementHooks>();
        hooks.Setup(h => h.OnBeforeReplacementAsync(It.IsAny<WorkerExit>(), It.IsAny<CancellationToken>())).Returns(() => Started(Pending.ForEver));
        var output = Create();
        output.Execute(new SupervisorCommand.RunReplacementHooks(1, Exit));
        await _hookStarted.Task;
        output.HookTimeout = HookTimeout / 2;
        output.Execute(new SupervisorCommand.RunReplacementHooks(2, Exit));
        output.Execute(new SupervisorCommand.RunReplacementHooks(3, Exit));
        _clock.Advance(HookTimeout / 2);
        Assert.That(() => _reported.Count, Is.EqualTo(2).After(30_000, 10));
        _clock.Advance(HookTimeout / 2);
        await output.WaitForHooksAsync().WaitAsync(TimeSpan.FromSeconds(30));

        await WaitForLogAsync();
        Assert.That(_reported, Is.EquivalentTo(Enumerable.Range(1, 3).Select(spawn => new SupervisorMessage.ReplacementHooksCompleted(spawn))));
        Assert.That(_logger.Names.Count(n => n == "ReplacementHooksSkipped"), Is.EqualTo(2));
        hooks.Verify(h => h.OnBeforeReplacementAsync(It.IsAny<WorkerExit>(), It.IsAny<CancellationToken>()), Times.Once);
    }

    [Test]
    public void The_answer_to_a_forgotten_request_has_no_effect()
    {
        var output = Create(hooks: []);
        var (forgotten, none) = output.NewRequest();
        var (number, answer) = output.NewRequest();
        output.Forget(forgotten);

        output.Execute(new SupervisorCommand.CompleteRequest(forgotten, Error: null));
        output.Execute(new SupervisorCommand.CompleteRequest(number, Error: null));

        Assert.That((none.IsCompleted, answer.IsCompleted), Is.EqualTo((false, true)));
    }

    private SupervisorOutput Create(ICotyledonHooks[]? hooks = null)
    {
        var telemetry = new Telemetry(_provider.GetRequiredService<IMeterFactory>(), _clock);
        var runner = new HookRunner(hooks ?? [_hooks.Object], _clock, _logger);
        var output = new SupervisorOutput(runner, _host, telemetry, _events, _log, _clock) { HookTimeout = HookTimeout };
        output.Attach(_reported.Add, coordinator: null);
        return output;
    }

    /// <summary>Waits until all lines so far are written.</summary>
    private Task WaitForLogAsync()
    {
        var written = new Pending();
        _log.Write(_ => written.SetResult());
        return written.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private Task Started(Task end)
    {
        _hookStarted.TrySetResult();
        return end;
    }
}
