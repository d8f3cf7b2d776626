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
    public async Task A_plain_service_is_ready_when_its_start_has_returned()
    {
        var start = new Pending();
        var service = new Plain { Start = _ => start.Task };

        var ready = StartAsync(service);
        Assert.That(ready.IsCompleted, Is.False);
        start.SetResult();
        await ready;

        Assert.That(_runner.HasRun, Is.False, "it has no run that could be watched");
    }

    [Test]
    public async Task A_background_service_is_followed_to_its_end()
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
    public async Task A_Cotyledon_service_is_followed_to_its_end()
    {
        await StartAsync(new Cotyledonic());

        await _runner.Completion;
        Assert.That(_runner.HasRun);
    }

    [Test]
    public async Task A_service_may_say_during_its_start_that_it_is_ready()
    {
        var service = new Plain { Start = _ => Pending.ForEver };

        var ready = StartAsync(service);
        _runner.Context.MarkReady();

        await ready;
        Assert.That(_runner.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task Where_the_mark_is_waited_for_the_start_alone_is_not_ready()
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
    public async Task A_run_that_ends_without_the_mark_is_ready_all_the_same()
    {
        _assignment = _assignment with { WaitForMarkReady = true };

        await StartAsync(new Cotyledonic());

        await _runner.Completion;
        Assert.That(_runner.HasRun);
    }

    [Test]
    public void A_start_that_fails_fails_the_start([Values] bool waitForMarkReady)
    {
        _assignment = _assignment with { WaitForMarkReady = waitForMarkReady };

        Assert.That(
            () => StartAsync(new Plain { Start = _ => throw new NotSupportedException() }),
            Throws.TypeOf<NotSupportedException>());
        Assert.That(() => _runner.Completion, Throws.TypeOf<NotSupportedException>());
    }

    [Test]
    public void A_run_that_fails_before_the_mark_fails_the_start()
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
    public async Task A_run_that_fails_later_fails_the_completion()
    {
        var end = new Pending();
        await StartAsync(new Background(_ => end.Task));

        end.SetException(new NotSupportedException());

        Assert.That(() => _runner.Completion, Throws.TypeOf<NotSupportedException>());
    }

    [Test]
    public void A_constructor_that_fails_fails_the_start_and_the_stop_has_nothing_to_do()
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
    public async Task A_stop_during_the_start_ends_the_waiting()
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
    public async Task A_stop_that_fails_comes_out_and_the_service_is_disposed()
    {
        var service = new Plain { Stop = _ => throw new WorkerExitException(42) };
        await StartAsync(service);

        Assert.That(() => _runner.StopAsync(CancellationToken.None), Throws.TypeOf<WorkerExitException>());
        Assert.That(service.Calls[^1], Is.EqualTo("dispose"));
    }

    [Test]
    public async Task The_context_is_that_of_the_scope()
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
    public async Task The_hooks_have_run_before_the_worker_counts_as_ready()
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
    public async Task A_hook_that_throws_does_not_keep_the_worker_from_getting_ready()
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
    public async Task What_the_service_logs_says_which_worker_it_is()
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

    private sealed class Cotyledonic : CotyledonService;

    private sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
