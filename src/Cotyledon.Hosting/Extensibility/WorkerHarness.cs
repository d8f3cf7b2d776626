using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.InProcess;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>
/// Runs one registered service as a worker in this process, with the code that runs in worker processes and without a master. The basis of
/// <c>TestWorker</c> in Cotyledon.Hosting.Testing.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The worker disposes of its run when it has exited.")]
[Experimental("COTYLEDON001")]
public sealed class WorkerHarness
{
    private readonly IServiceProvider _services;
    private readonly WorkerHarnessOptions _options;
    private readonly IWorkerObserver _observer;
    private readonly InProcessWorker _worker;
    private readonly Lock _gate = new();
    private WorkerRun? _run;
    private SupervisorMessage.WorkerIsLeaving? _leaving;

    /// <summary>Creates a worker that has not started.</summary>
    /// <param name="services">The container that has the registration of the service.</param>
    /// <param name="options">The identity and the limits of the worker.</param>
    /// <param name="observer">Receives the messages of the worker.</param>
    /// <exception cref="ArgumentOutOfRangeException">A timeout is zero, negative or longer than a day.</exception>
    public WorkerHarness(IServiceProvider services, WorkerHarnessOptions options, IWorkerObserver observer)
    {
        OptionLimits.CheckTimeout(options.GracefulShutdownTimeout, nameof(options.GracefulShutdownTimeout));
        OptionLimits.CheckTimeout(options.HookTimeout, nameof(options.HookTimeout), mayBeInfinite: false);
        (_services, _options, _observer) = (services, options, observer);
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Cotyledon.Hosting");
        _worker = new InProcessWorker(
            0,
            (assignment, link) => _run = new WorkerRun(services, assignment, link, logger),
            OnMessage,
            TimeProvider.System,
            logger);
    }

    /// <summary>Gets the context that the service gets. Available from <see cref="Start"/> on.</summary>
    /// <exception cref="InvalidOperationException">The worker has not started.</exception>
    public IWorkerContext Context => _run?.Context ?? throw NotStarted();

    /// <summary>Gets the service; <see langword="null"/> until its constructor has returned.</summary>
    public IHostedService? Service => _run?.Service;

    /// <summary>Gets the default name of a service: the name of its type.</summary>
    /// <param name="serviceType">The type of the service.</param>
    /// <returns>The name; for generic types a valid configuration key, such as <c>WorkerOfFoo</c>.</returns>
    public static string NameOf(Type serviceType) => ServiceName.Of(serviceType);

    /// <summary>Gets the names under which a type is registered by <c>AddCotyledonWorker</c>.</summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="serviceType">The type of the service.</param>
    /// <returns>The names, in the order of the registrations.</returns>
    public static IReadOnlyList<string> NamesIn(IServiceCollection services, Type serviceType) =>
    [
        .. services
            .Select(d => d.IsKeyedService ? null : d.ImplementationInstance)
            .OfType<WorkerRegistration>()
            .Where(r => r.ServiceType == serviceType)
            .Select(r => r.Name),
    ];

    /// <summary>Registers the <see cref="ICotyledonManager"/> of a worker, whose members throw, in the place of the master's.</summary>
    /// <param name="services">The services of the program.</param>
    public static void UseManagerOfWorkers(IServiceCollection services) =>
        services.Replace(ServiceDescriptor.Singleton<ICotyledonManager, NoManager>());

    /// <summary>Begins the start of the service on the thread pool.</summary>
    public void Start()
    {
        var assignment = new Frame.Assign(
            _options.ServiceName,
            _options.WorkerId,
            _options.WorkerCount,
            _options.Incarnation,
            _options.GracefulShutdownTimeout,
            LivenessTimeout: Timeout.InfiniteTimeSpan,
            _options.HookTimeout,
            _options.WaitForMarkReady);
        _worker.Assign(assignment, [.. _services.GetServices<WorkerRegistration>()]);
    }

    /// <summary>Begins a reload on the thread pool. The worker runs one reload at a time. Thread-safe.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            _worker.Reload();
        }
    }

    /// <summary>Changes the number of workers of the service; the service is notified on the thread pool.</summary>
    /// <param name="workerCount">The number of workers.</param>
    public void SetWorkerCount(int workerCount) =>
        _worker.Update(new Frame.Update(workerCount, _options.GracefulShutdownTimeout, Timeout.InfiniteTimeSpan));

    /// <summary>Begins a graceful stop on the thread pool. Further calls have no effect.</summary>
    public void Stop() => _worker.Leave(StopCause.Requested);

    /// <summary>The worker sends its messages one at a time.</summary>
    private void OnMessage(SupervisorMessage message)
    {
        switch (message)
        {
            case SupervisorMessage.WorkerBecameReady:
                _observer.OnReady();
                break;
            case SupervisorMessage.WorkerBecameIdle:
                _observer.OnIdle();
                break;
            case SupervisorMessage.WorkerReloaded:
                _observer.OnReloaded();
                break;
            case SupervisorMessage.WorkerCannotReload:
                _observer.OnCannotReload();
                break;
            case SupervisorMessage.WorkerAskedForReplacement:
                _observer.OnReplacementRequested();
                break;
            case SupervisorMessage.WorkerAskedForShutdown shutdown:
                _observer.OnShutdownRequested(shutdown.ExitCode);
                break;
            case SupervisorMessage.WorkerIsLeaving leaving:
                _leaving = leaving;
                break;
            case SupervisorMessage.WorkerExited exited:
                _observer.OnExited(_leaving?.Reason ?? WorkerExitReason.Stopped, exited.Status.Code, _leaving?.Detail);
                break;
        }
    }

    private static InvalidOperationException NotStarted() => new("The worker has not started.");
}
