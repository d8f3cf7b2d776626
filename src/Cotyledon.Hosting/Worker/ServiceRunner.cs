using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>One service in a scope of its own, from its construction to its disposal.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle has nothing to free.")]
internal sealed class ServiceRunner(
    IServiceProvider services, WorkerContext context, Frame.Assign assignment, ILogger logger, Action? applyConfiguration = null)
{
    private readonly KeyValuePair<string, object>[] _logScope =
    [
        new("Service", assignment.Service),
        new("WorkerId", assignment.WorkerId),
        new("Incarnation", assignment.Incarnation),
        new("ProcessId", Environment.ProcessId),
    ];

    private readonly SemaphoreSlim _oneReloadAtATime = new(1);
    private AsyncServiceScope? _scope;
    private IHostedService? _service;
    private Task _start = Task.CompletedTask;

    public WorkerContext Context => context;

    /// <summary>Null until it is made.</summary>
    public IHostedService? Service => _service;

    /// <summary>How long a stop or a reload may take; infinite for no limit.</summary>
    public TimeSpan GracefulTimeout { get; set; } = assignment.GracefulTimeout;

    /// <summary>Ends when the service has started and its run method, if it has one that can be watched, has ended. Fails as start or run fails.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Whether the service has a run method that can be watched. Known when it has started.</summary>
    public bool HasRun => _service is not null && RunOf(_service) is not null;

    /// <summary>Makes and starts the service; ends when it is ready.</summary>
    /// <remarks>One async method, because each of them costs a start without native code three milliseconds.</remarks>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled before.</exception>
    public async Task StartAsync(WorkerRegistration registration, CancellationToken cancellationToken)
    {
        using var scope = BeginLogScope();
        var service = _service = Create(registration);

        // A service may do its work inside StartAsync, even without ever waiting.
        var start = _start = Task.Run(() => StartAsync(service, cancellationToken), cancellationToken);
        var completion = Completion = start.ContinueWith(
            s => s.IsCompletedSuccessfully ? RunOf(service) ?? Task.CompletedTask : s,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default).Unwrap();

        var ready = assignment.WaitForMarkReady ? context.MarkedReady : Task.WhenAny(start, context.MarkedReady);
        var first = await Task.WhenAny(ready, completion).WaitAsync(cancellationToken).ConfigureAwait(false);
        await first.ConfigureAwait(false);
        if (start.IsFaulted || start.IsCanceled)
        {
            await start.ConfigureAwait(false);
        }

        if (!ready.IsCompleted && !HasRun)
        {
            // No run method that could end: only the mark counts.
            await ready.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await RunNewWorkerHooksAsync(service, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells the service how many workers there are now. Exceptions of the service's handlers come out.</summary>
    public void RaiseWorkerCountChanged()
    {
        using var scope = BeginLogScope();
        context.RaiseWorkerCountChanged();
    }

    /// <summary>Reloads the service in place: first the configuration, then the service. One reload runs at a time.</summary>
    /// <returns>The message for the master: reloaded, or a request for a replacement.</returns>
    /// <exception cref="Exception">The service threw it: the worker cannot go on.</exception>
    public Task<Frame> ReloadAsync(CancellationToken cancellationToken)
    {
        using var scope = BeginLogScope();
        return _service is IReloadable service ? ReloadAsync(service, cancellationToken) : Task.FromResult<Frame>(Frame.ReplaceMe.Instance);
    }

    /// <summary>
    /// Stops and disposes the service. Exceptions of either come out. One whose start failed is not stopped, as in any host.
    /// </summary>
    public async Task StopAsync(CancellationToken deadline)
    {
        using var scope = BeginLogScope();
        try
        {
            // A start that does not look at its token goes on.
            await _start.WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_service is not null && !_start.IsFaulted)
            {
                await StopAsync(_service, deadline).ConfigureAwait(false);
            }
        }
        finally
        {
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<Frame> ReloadAsync(IReloadable service, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await _oneReloadAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            applyConfiguration?.Invoke();
            var begin = Stopwatch.GetTimestamp();
            var reload = service.ReloadAsync(deadline.Token);
            if (ReferenceEquals(reload, CotyledonService.CannotReload))
            {
                return Frame.ReplaceMe.Instance;
            }

            if (!reload.IsCompleted && GracefulTimeout > TimeSpan.Zero)
            {
                // The timer starts after the call, because most reloads have completed by then. If the service blocks this thread, the
                // master applies the same deadline and replaces the worker.
                using var limit = PausableTimeout.TryStart(deadline, GracefulTimeout - Stopwatch.GetElapsedTime(begin), TimeProvider.System);
                await reload.ConfigureAwait(false);
            }

            await reload.ConfigureAwait(false);
            return Frame.Reloaded.Instance;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The service has observed its deadline. It is replaced, like a service that ignores the deadline.
            return Frame.ReplaceMe.Instance;
        }
        finally
        {
            _oneReloadAtATime.Release();
        }
    }

    /// <summary>As the host does it, for services that want to know more of its steps too.</summary>
    private static Task StartAsync(IHostedService service, CancellationToken cancellationToken)
    {
        return service is IHostedLifecycleService lifecycle ? StartAllAsync(lifecycle) : service.StartAsync(cancellationToken);

        async Task StartAllAsync(IHostedLifecycleService lifecycle)
        {
            await lifecycle.StartingAsync(cancellationToken).ConfigureAwait(false);
            await lifecycle.StartAsync(cancellationToken).ConfigureAwait(false);
            await lifecycle.StartedAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task StopAsync(IHostedService service, CancellationToken deadline)
    {
        return service is IHostedLifecycleService lifecycle ? StopAllAsync(lifecycle) : service.StopAsync(deadline);

        async Task StopAllAsync(IHostedLifecycleService lifecycle)
        {
            await lifecycle.StoppingAsync(deadline).ConfigureAwait(false);
            await lifecycle.StopAsync(deadline).ConfigureAwait(false);
            await lifecycle.StoppedAsync(deadline).ConfigureAwait(false);
        }
    }

    private static Task? RunOf(IHostedService service) => service switch
    {
        BackgroundService background => background.ExecuteTask,
        CotyledonService cotyledon => cotyledon.Completion,
        _ => null,
    };

    private IHostedService Create(WorkerRegistration registration)
    {
        applyConfiguration?.Invoke();
        var serviceScope = services.CreateAsyncScope();
        _scope = serviceScope;
        serviceScope.ServiceProvider.GetRequiredService<WorkerContextHolder>().Context = context;
        return registration.Create(serviceScope.ServiceProvider);
    }

    /// <summary>Whatever the service starts inherits this scope, so that each of its log lines says who wrote it.</summary>
    private IDisposable? BeginLogScope()
    {
        CurrentWorker.Enter(assignment);
        return logger.BeginScope(_logScope);
    }

    private Task RunNewWorkerHooksAsync(IHostedService service, CancellationToken cancellationToken)
    {
        var hooks = service is WarmUp ? [] : services.GetServices<ICotyledonHooks>();
        return new HookRunner(hooks, TimeProvider.System, logger).RunAsync(
            nameof(ICotyledonHooks.OnNewWorkerAsync),
            assignment.HookTimeout,
            (hook, timeout) => hook.OnNewWorkerAsync(context, service, timeout),
            cancellationToken);
    }

    private async Task DisposeAsync()
    {
        switch (_service)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync().ConfigureAwait(false);
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }

        if (_scope is { } scope)
        {
            await scope.DisposeAsync().ConfigureAwait(false);
        }
    }
}
