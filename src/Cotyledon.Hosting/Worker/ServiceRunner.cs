using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>Runs one service in its own scope, from its construction to its disposal.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore has no wait handle; there is nothing to free.")]
internal sealed class ServiceRunner(
    IServiceProvider services, WorkerContext context, Frame.Assign assignment, ILogger logger, Action<bool>? takeConfiguration = null)
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
    private Task _start = Task.CompletedTask;

    public WorkerContext Context => context;

    /// <summary>The service, or <see langword="null"/> until it is created.</summary>
    public IHostedService? Service { get; private set; }

    /// <summary>
    /// Whether the service reloads in place. A service that does not keeps the configuration of its start, because it would otherwise run
    /// with values that the master wants to give to a new process.
    /// </summary>
    private bool CanReload => Service is CotyledonService service ? service.OverridesReload : Service is IReloadable;

    /// <summary>The longest time for a stop or a reload; infinite for no limit.</summary>
    public TimeSpan GracefulTimeout { get; set; } = assignment.GracefulTimeout;

    /// <summary>
    /// Completes when the start of the service has completed, and its run method, if it has one that can be watched. Fails if one of them
    /// fails.
    /// </summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Whether the service has a run method that can be watched. Valid after the start.</summary>
    public bool HasRun => Service is not null && RunOf(Service) is not null;

    /// <summary>Creates and starts the service. The task completes when the service is ready.</summary>
    /// <remarks>One async method, because with the just-in-time compiler each async method adds three milliseconds to the start.</remarks>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> was cancelled before the service was ready.
    /// </exception>
    public async Task StartAsync(WorkerRegistration registration, CancellationToken cancellationToken)
    {
        using var scope = BeginLogScope();
        var service = Service = Create(registration);
        TakeConfiguration();

        // As in the host, the token of the start ends with the start. BackgroundService links its stopping token to it, and its StopAsync, which a
        // service may override to finish its work first, has to be the one that cancels the run.
        var starting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // On the thread pool, because a service may do all its work in StartAsync synchronously.
        var start = _start = Task.Run(() => StartAsync(service, starting.Token), cancellationToken);
        var completion = Completion = start.ContinueWith(
            s =>
            {
                starting.Dispose();
                return s.IsCompletedSuccessfully ? RunOf(service) ?? Task.CompletedTask : s;
            },
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
            // Only the start has completed, and there is no run method, so the service must still call MarkReady.
            await ready.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await RunNewWorkerHooksAsync(service, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes the configuration that the master has sent. Callbacks of the program may run in this method.</summary>
    /// <remarks>Does nothing while the service is created. The start then calls it again.</remarks>
    public void TakeConfiguration()
    {
        if (Service is not null)
        {
            takeConfiguration?.Invoke(CanReload);
        }
    }

    /// <summary>Tells the service the current number of workers. Exceptions of its handlers are not caught.</summary>
    public void RaiseWorkerCountChanged()
    {
        using var scope = BeginLogScope();
        context.RaiseWorkerCountChanged();
    }

    /// <summary>Applies the configuration and reloads the service in place. One reload runs at a time.</summary>
    /// <returns>The message for the master: reloaded, or unable to reload in place.</returns>
    /// <exception cref="Exception">The service threw this exception, and the worker has to leave.</exception>
    public Task<Frame> ReloadAsync(CancellationToken cancellationToken)
    {
        using var scope = BeginLogScope();
        return CanReload ? ReloadAsync((IReloadable)Service!, cancellationToken) : Task.FromResult<Frame>(Frame.CannotReload.Instance);
    }

    /// <summary>
    /// Stops and disposes of the service; does not catch its exceptions. A service whose start has failed is only disposed of, as in any
    /// host.
    /// </summary>
    public async Task StopAsync(CancellationToken deadline)
    {
        using var scope = BeginLogScope();
        try
        {
            // A start that ignores its token is still running.
            await _start.WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Service is not null && !_start.IsFaulted)
            {
                await StopAsync(Service, deadline).ConfigureAwait(false);
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
            takeConfiguration?.Invoke(true);
            var begin = Stopwatch.GetTimestamp();
            var reload = service.ReloadAsync(deadline.Token);
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
        catch (CannotReloadException)
        {
            return Frame.CannotReload.Instance;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The service has observed its deadline. It is replaced, like a service that ignores the deadline.
            return Frame.CannotReload.Instance;
        }
        finally
        {
            _oneReloadAtATime.Release();
        }
    }

    /// <summary>Starts the service as the host does, with the steps of <see cref="IHostedLifecycleService"/>.</summary>
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
        takeConfiguration?.Invoke(true);
        var serviceScope = services.CreateAsyncScope();
        _scope = serviceScope;
        serviceScope.ServiceProvider.GetRequiredService<WorkerContextHolder>().Context = context;
        return registration.Create(serviceScope.ServiceProvider);
    }

    /// <summary>Begins a log scope that all code of the service inherits, so that each of its log messages identifies the worker.</summary>
    private IDisposable? BeginLogScope()
    {
        CurrentWorker.Enter(assignment, context.Heartbeat);
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

    /// <summary>Disposes of a service as a container does: asynchronously if it can.</summary>
    public static async Task DisposeAsync(IHostedService? service)
    {
        switch (service)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync().ConfigureAwait(false);
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }
    }

    private async Task DisposeAsync()
    {
        await DisposeAsync(Service).ConfigureAwait(false);
        if (_scope is { } scope)
        {
            await scope.DisposeAsync().ConfigureAwait(false);
        }
    }
}
