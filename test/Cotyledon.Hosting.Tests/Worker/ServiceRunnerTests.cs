using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class ServiceRunnerTests
{
    private readonly ServiceCollection _services = new();
    private readonly TestLogger _logger = new();
    private Frame.Assign _assignment = Assignments.Poller;
    private ServiceRunner _runner = null!;

    [Test]
    public async Task A_plain_service_is_ready_when_StartAsync_has_completed()
    {
        var start = new Pending();
        var service = new Plain { Start = _ => start.Task };

        var ready = StartAsync(service);
        Assert.That(ready.IsCompleted, Is.False);
        start.SetResult();
        await ready;

        Assert.That(_runner.HasRun, Is.False, "a plain service has no run task");
    }

    [Test]
    public async Task Completion_follows_the_ExecuteAsync_of_a_BackgroundService()
    {
        var end = new Pending();
        var service = new Background(_ => end.Task);

        await StartAsync(service);
        Assert.That(_runner.Completion.IsCompleted, Is.False);
        end.SetResult();

        await _runner.Completion;
        Assert.That(_runner.HasRun);
    }

    [Test]
    public async Task Completion_follows_the_RunAsync_of_a_CotyledonService()
    {
        await StartAsync(new PlainCotyledonService());

        await _runner.Completion;
        Assert.That(_runner.HasRun);
    }

    [Test]
    public async Task MarkReady_during_StartAsync_makes_the_service_ready()
    {
        var service = new Plain { Start = _ => Pending.ForEver };

        var ready = StartAsync(service);
        _runner.Context.MarkReady();

        await ready;
        Assert.That(_runner.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task With_WaitForMarkReady_the_service_is_ready_only_after_MarkReady()
    {
        _assignment = _assignment with { WaitForMarkReady = true };
        var service = new Plain();

        var ready = StartAsync(service);
        await _runner.Completion;
        Assert.That(ready.IsCompleted, Is.False);
        _runner.Context.MarkReady();

        await ready;
    }

    [Test]
    public async Task With_WaitForMarkReady_a_run_that_ends_makes_the_service_ready()
    {
        _assignment = _assignment with { WaitForMarkReady = true };

        await StartAsync(new PlainCotyledonService());

        await _runner.Completion;
        Assert.That(_runner.HasRun);
    }

    [Test]
    public void An_exception_in_StartAsync_fails_the_start_and_the_completion([Values] bool waitForMarkReady)
    {
        _assignment = _assignment with { WaitForMarkReady = waitForMarkReady };

        Assert.That(
            () => StartAsync(new Plain { Start = _ => throw new NotSupportedException() }),
            Throws.TypeOf<NotSupportedException>());
        Assert.That(() => _runner.Completion, Throws.TypeOf<NotSupportedException>());
    }

    [Test]
    public void An_exception_of_the_run_before_MarkReady_fails_the_start()
    {
        _assignment = _assignment with { WaitForMarkReady = true };

        Assert.That(
            () => StartAsync(new Background(async _ =>
            {
                await Task.Yield();
                throw new NotSupportedException();
            })),
            Throws.TypeOf<NotSupportedException>());
    }

    [Test]
    public async Task An_exception_of_the_run_after_the_start_fails_the_completion()
    {
        var end = new Pending();
        await StartAsync(new Background(_ => end.Task));

        end.SetException(new NotSupportedException());

        Assert.That(() => _runner.Completion, Throws.TypeOf<NotSupportedException>());
    }

    [Test]
    public void An_exception_in_the_constructor_fails_the_start_and_the_stop_does_nothing()
    {
        Assert.That(() => StartAsync(() => throw new NotSupportedException()), Throws.TypeOf<NotSupportedException>());
        Assert.That(() => _runner.StopAsync(CancellationToken.None), Throws.Nothing);
    }

    [Test]
    public async Task A_service_whose_start_failed_is_disposed_and_not_stopped()
    {
        var service = new Plain { Start = _ => throw new NotSupportedException() };
        Assert.That(() => StartAsync(service), Throws.TypeOf<NotSupportedException>());

        await _runner.StopAsync(CancellationToken.None);

        Assert.That(service.Calls, Is.EqualTo(new[] { "start", "dispose" }));
    }

    [Test]
    public async Task Cancellation_during_the_start_ends_the_wait()
    {
        using var stopping = new CancellationTokenSource();

        var ready = StartAsync(new Plain { Start = _ => Pending.ForEver }, stopping.Token);
        await stopping.CancelAsync();

        Assert.That(() => ready, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task The_service_and_its_scope_are_disposed_after_the_stop()
    {
        _services.AddScoped<Scoped>();
        var service = new Plain();
        Scoped? scoped = null;
        await StartAsync(provider =>
        {
            scoped = provider.GetRequiredService<Scoped>();
            return service;
        });

        await _runner.StopAsync(CancellationToken.None);

        Assert.That(service.Calls, Is.EqualTo(new[] { "start", "stop", "dispose" }));
        Assert.That(scoped!.IsDisposed);
    }

    [Test]
    public async Task An_exception_in_StopAsync_is_rethrown_and_the_service_is_disposed()
    {
        var service = new Plain { Stop = _ => throw new WorkerExitException(42) };
        await StartAsync(service);

        Assert.That(() => _runner.StopAsync(CancellationToken.None), Throws.TypeOf<WorkerExitException>());
        Assert.That(service.Calls[^1], Is.EqualTo("dispose"));
    }

    [Test]
    public async Task The_scope_provides_the_context_of_the_runner()
    {
        IWorkerContext? given = null;
        await StartAsync(provider =>
        {
            given = provider.GetRequiredService<IWorkerContext>();
            return new Plain();
        });

        Assert.That(given, Is.SameAs(_runner.Context));
    }

    [Test]
    public async Task The_worker_is_ready_only_after_the_hooks_have_completed()
    {
        var hook = new Pending();
        var hooks = new Moq.Mock<ICotyledonHooks>();
        hooks.Setup(h => h.OnNewWorkerAsync(
            Moq.It.IsAny<IWorkerContext>(), Moq.It.IsAny<IHostedService>(), Moq.It.IsAny<CancellationToken>()))
            .Returns(hook.Task);
        _services.AddSingleton(hooks.Object);

        var ready = StartAsync(new Plain());
        await _runner.Completion;
        Assert.That(ready.IsCompleted, Is.False);
        hook.SetResult();

        await ready;
    }

    [Test]
    public async Task A_hook_that_throws_is_logged_and_the_worker_becomes_ready()
    {
        var hooks = new Moq.Mock<ICotyledonHooks>();
        hooks.Setup(h => h.OnNewWorkerAsync(
            Moq.It.IsAny<IWorkerContext>(), Moq.It.IsAny<IHostedService>(), Moq.It.IsAny<CancellationToken>()))
            .Throws(new NotSupportedException());
        _services.AddSingleton(hooks.Object);

        await StartAsync(new Plain());

        Assert.That(_logger.Names, Is.EqualTo(new[] { "HookFailed" }));
    }

    [Test]
    public async Task The_log_scope_of_the_service_identifies_the_worker()
    {
        object? scope = null;
        await StartAsync(new Plain
        {
            Start = _ =>
            {
                scope = _logger.Scope;
                return Task.CompletedTask;
            },
        });

        Assert.That(scope, Is.EquivalentTo(new KeyValuePair<string, object>[]
        {
            new("Service", "Poller"), new("WorkerId", 3), new("Incarnation", 2), new("ProcessId", Environment.ProcessId),
        }));
    }

    private Task StartAsync(IHostedService service, CancellationToken ct = default) => StartAsync(_ => service, ct);

    private Task StartAsync(Func<IHostedService> create) => StartAsync(_ => create());

    private Task StartAsync(Func<IServiceProvider, IHostedService> create, CancellationToken ct = default)
    {
        _services.AddCotyledon();
        var context = new WorkerContext(_assignment, _ => { }, () => { });
        _runner = new ServiceRunner(_services.BuildServiceProvider(), context, _assignment, _logger);
        return _runner.StartAsync(new WorkerRegistration("Poller", typeof(Plain), create), ct);
    }

    private sealed class Plain : IHostedService, IDisposable
    {
        public List<string> Calls { get; } = [];

        public Func<CancellationToken, Task> Start { get; init; } = _ => Task.CompletedTask;

        public Func<CancellationToken, Task> Stop { get; init; } = _ => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Calls.Add("start");
            return Start(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Calls.Add("stop");
            return Stop(cancellationToken);
        }

        public void Dispose() => Calls.Add("dispose");
    }

    private sealed class Background(Func<CancellationToken, Task> execute) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => execute(stoppingToken);
    }

    private sealed class PlainCotyledonService : CotyledonService;

    private sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
