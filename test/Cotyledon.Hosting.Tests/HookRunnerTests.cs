using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests;

internal sealed class HookRunnerTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The time after which a test fails instead of waiting forever.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();
    private readonly TestLogger _logger = new();
    private readonly Hooks _one = new();
    private readonly Hooks _two = new();

    [Test]
    public void Without_hooks_the_run_completes_at_once()
    {
        var runner = new HookRunner([], _clock, _logger);

        Assert.That(runner.RunAsync("OnTerminateAsync", Timeout, (h, ct) => h.OnTerminateAsync(ct)).IsCompletedSuccessfully);
    }

    [Test]
    public async Task All_hooks_run_at_the_same_time()
    {
        var other = new Pending();
        _one.Terminate = async _ => await other.Task;
        _two.Terminate = _ =>
        {
            other.SetResult();
            return Task.CompletedTask;
        };

        await RunAsync();

        Assert.That(_logger.Lines, Is.Empty);
    }

    [Test]
    public async Task A_hook_that_throws_is_logged_and_the_others_run()
    {
        var hasRun = false;
        _one.Terminate = _ => throw new NotSupportedException("broken");
        _two.Terminate = _ =>
        {
            hasRun = true;
            return Task.CompletedTask;
        };

        await RunAsync();

        Assert.That(hasRun);
        Assert.That(_logger.Lines.Single().Message, Is.EqualTo("Hooks.OnTerminateAsync failed."));
    }

    [Test]
    public async Task A_hook_that_fails_later_is_logged_too()
    {
        _one.Terminate = async _ =>
        {
            await Task.Yield();
            throw new NotSupportedException("broken");
        };

        await RunAsync();

        Assert.That(_logger.Names, Is.EqualTo(new[] { "HookFailed" }));
    }

    [Test]
    public async Task A_hook_that_ignores_its_token_is_awaited_only_until_the_timeout()
    {
        var started = new Pending();
        _one.Terminate = _ =>
        {
            started.SetResult();
            return Pending.ForEver;
        };

        var run = RunOneAsync();
        await started.Task;
        _clock.Advance(Timeout - TimeSpan.FromTicks(1));
        Assert.That(run.IsCompleted, Is.False);
        _clock.Advance(TimeSpan.FromTicks(1));
        await run;

        Assert.That(_logger.Names, Is.EqualTo(new[] { "HookTimedOut" }));
        Assert.That(_logger.Lines[0].Message, Does.Contain("00:00:10").And.Contain("Cotyledon:HookTimeout"));
    }

    [Test]
    public async Task A_hook_that_blocks_its_thread_is_awaited_only_until_the_timeout()
    {
        using var never = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        _one.Terminate = _ =>
        {
            started.Set();
            never.Wait(CancellationToken.None);
            return Task.CompletedTask;
        };

        var run = RunOneAsync();
        started.Wait();
        _clock.Advance(Timeout);
        await run;
        never.Set();

        Assert.That(_logger.Names, Is.EqualTo(new[] { "HookTimedOut" }));
    }

    [Test]
    public async Task A_hook_of_which_too_many_calls_have_not_returned_is_called_again_when_one_of_them_returns()
    {
        var calls = new List<Pending>();
        var started = new SemaphoreSlim(0);
        _one.Terminate = async _ =>
        {
            var call = new Pending();
            calls.Add(call);
            started.Release();
            await call.Task;
        };

        var runner = new HookRunner([_one], _clock, _logger);
        for (var i = 0; i < 16; i++)
        {
            var run = RunOnceAsync();
            await started.WaitAsync(Limit);
            _clock.Advance(Timeout);
            await run;
        }

        await RunOnceAsync();
        Assert.That((calls.Count, _logger.Names.Last()), Is.EqualTo((16, "HookSkipped")));

        calls[3].SetResult();
        Assert.That(
            () =>
            {
                _ = RunOnceAsync();
                return started.CurrentCount;
            },
            Is.GreaterThan(0).After(10_000, 10));

        Task RunOnceAsync() => runner.RunAsync("OnTerminateAsync", Timeout, (h, ct) => h.OnTerminateAsync(ct));
    }

    [Test]
    public async Task The_token_of_a_hook_is_cancelled_at_its_timeout()
    {
        var (started, cancelled) = (new Pending(), new Pending());
        _one.Terminate = async ct =>
        {
            ct.Register(cancelled.SetResult);
            started.SetResult();
            await cancelled.Task;
            ct.ThrowIfCancellationRequested();
        };

        var run = RunOneAsync();
        await started.Task;
        _clock.Advance(Timeout);
        await run;

        await cancelled.Task;
        Assert.That(_logger.Names, Is.EqualTo(new[] { "HookTimedOut" }));
    }

    [Test]
    public async Task A_callback_of_the_token_that_throws_is_logged()
    {
        var started = new Pending();
        _one.Terminate = ct =>
        {
            ct.Register(() => throw new NotSupportedException("broken"));
            started.SetResult();
            return Pending.ForEver;
        };

        var run = RunOneAsync();
        await started.Task;
        Assert.That(() => _clock.Advance(Timeout), Throws.Nothing);
        await run;

        Assert.That(() => _logger.Names, Is.EqualTo(new[] { "HookTimedOut", "HookFailed" }).After(10_000, 10));
    }

    [Test]
    public async Task A_callback_of_the_token_that_blocks_does_not_extend_the_timeout()
    {
        using var never = new ManualResetEventSlim();
        var started = new Pending();
        _one.Terminate = async ct =>
        {
            var end = Pending.ForEver.WaitAsync(ct);
            ct.Register(() => never.Wait(CancellationToken.None));
            started.SetResult();
            await end;
        };

        var run = RunOneAsync();
        await started.Task;
        var advance = Task.Run(() => _clock.Advance(Timeout));
        await run.WaitAsync(Limit);
        await advance.WaitAsync(Limit);
        never.Set();

        Assert.That(_logger.Names, Is.EqualTo(new[] { "HookTimedOut" }));
    }

    [Test]
    public async Task A_cancelled_caller_logs_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        var started = new Pending();
        _one.Terminate = _ =>
        {
            started.SetResult();
            return Pending.ForEver;
        };

        var run = RunOneAsync(cancellation.Token);
        await started.Task;
        await cancellation.CancelAsync();
        await run;

        Assert.That(_logger.Lines, Is.Empty);
    }

    private Task RunAsync() => RunAsync([_one, _two], _clock, CancellationToken.None);

    private Task RunOneAsync(CancellationToken ct = default) => RunAsync([_one], _clock, ct);

    private Task RunAsync(Hooks[] hooks, TimeProvider clock, CancellationToken cancellationToken = default) =>
        new HookRunner(hooks, clock, _logger)
            .RunAsync(nameof(ICotyledonHooks.OnTerminateAsync), Timeout, (hook, token) => hook.OnTerminateAsync(token), cancellationToken);

    private sealed class Hooks : ICotyledonHooks
    {
        public Func<CancellationToken, Task> Terminate { get; set; } = _ => Task.CompletedTask;

        public Task OnTerminateAsync(CancellationToken cancellationToken) => Terminate(cancellationToken);
    }
}
