using Cotyledon.Hosting.Cluster;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Control;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.HostProgram;
using Cotyledon.Hosting.InProcess;
using Cotyledon.Hosting.Launching;
using Cotyledon.Hosting.Observability;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>The master's hosted service: starts the supervisor with the host and stops it with the host.</summary>
internal sealed partial class SupervisorService(
    MasterSettings settings,
    MasterHost host,
    MasterProcess process,
    IServiceProvider services,
    ILoggerFactory loggers,
    TimeProvider clock) : IHostedService, ICotyledonManager, IAsyncDisposable, IDisposable
{
    private readonly GuardedLogger _logger = GuardedLogger.Create(loggers);
    private readonly WorkerEvents _events = new();
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private BackgroundLog? _log;
    private Telemetry? _telemetry;
    private SupervisorOutput? _output;
    private Supervisor? _supervisor;
    private ReloadCoordinator? _reloads;
    private ControlEndpoint? _control;
    private ClusterDriver? _cluster;
    private UsageMeter? _usage;
    private CancellationTokenRegistration _stopping;
    private int? _earlyExitCode;
    private bool _isDisposed;

    public IReadOnlyList<string> ConfigurationErrors => _reloads?.Errors ?? [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (ForeignHost.Kind != HostProgramKind.DesignTimeTool)
        {
            settings.Configuration.TakeOver();
        }

        var inForce = settings.ReadForThisProcess();
        settings.Warnings().ToList().ForEach(warning => Log.ConfigurationWarning(_logger, warning));
        if (ForeignHost.Kind == HostProgramKind.DesignTimeTool)
        {
            Log.NotTheApplication(_logger, ForeignHost.Name);
            return Task.CompletedTask;
        }

        if (_supervisor is not null)
        {
            throw new InvalidOperationException(
                "The host was started already, and with it the workers. After StartAsync, call WaitForShutdownAsync instead of RunAsync.");
        }

        process.Reserve(settings.IsInProcess);
        PoolThreads.Create();
        var supervisor = Create(inForce);
        _ = services.GetRequiredService<SupervisorDisposal>();
        settings.LogStart(_logger, inForce);
        WindowsServiceExit.Lifetime = services.GetService<IHostLifetime>();
        supervisor.Start();
        StopWhenFailed(supervisor);
        process.Take(_logger, OnSignal);
        if (process.IsHolder && host.ServiceManagerWarning is { } warning)
        {
            Log.ConfigurationWarning(_logger, warning);
        }

        _stopping = host.OnStopping(() => supervisor.Post(new SupervisorMessage.StopRequested(_earlyExitCode ?? 0)));
        StartWorkers(supervisor);
        _reloads!.Watch();
        if (process.IsHolder)
        {
            _control = ControlEndpoint.Start(ControlHost.Create(services, _log!.Write), inForce.Control);
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_supervisor is not { HasStarted: true } supervisor || _output is not { } output)
        {
            return;
        }

        supervisor.Post(new SupervisorMessage.StopRequested(_earlyExitCode ?? 0));
        await using var fastStop = cancellationToken.Register(
            () => supervisor.Post(new SupervisorMessage.FastStopRequested(EndsProcess: false))).ConfigureAwait(false);
        await supervisor.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (supervisor.Completion.IsFaulted)
        {
            process.Finish(exitCode: 1, endsProcess: false);
        }

        await output.WaitForHooksAsync().ConfigureAwait(false);
        LeaveCluster(supervisor);
        await _telemetry!.CompleteAsync().ConfigureAwait(false);
        Interlocked.Exchange(ref _control, null)?.Dispose();
    }

    public Task<ScaleResult> ScaleAsync(string service, int workers, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, OptionLimits.MaxWorkers);
        return ScaleServiceAsync(service, workers, cancellationToken);
    }

    public Task<ScaleResult> ResetScaleAsync(string service, CancellationToken cancellationToken = default) =>
        ScaleServiceAsync(service, workers: null, cancellationToken);

    public async Task<bool> KillAsync(string service, int workerId, long incarnation, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workerId);
        var name = settings.FindService(service);
        if (_supervisor is not { HasStarted: true } supervisor || _output is not { } output)
        {
            throw NotStarted();
        }

        var (number, answer) = output.NewRequest();
        supervisor.Post(new SupervisorMessage.KillRequested(name, workerId, incarnation, number, ControlRequester.Current));
        return (await answer.WaitAsync(cancellationToken).ConfigureAwait(false)).Error is null;
    }

    public void Shutdown(int exitCode = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exitCode);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exitCode, 255);
        if (_supervisor is { } supervisor)
        {
            supervisor.Post(new SupervisorMessage.StopRequested(_earlyExitCode ?? exitCode));
        }
        else if (ForeignHost.Kind == HostProgramKind.Application && !_isDisposed)
        {
            // Called before the start. The host may still start the supervisor, which then ends with this code.
            MasterExit.Code = _earlyExitCode ??= exitCode;
        }

        host.StopApplication();
    }

    public IAsyncEnumerable<WorkerEvent> WatchAsync(CancellationToken cancellationToken = default) => _events.WatchAsync(cancellationToken);

    public IAsyncEnumerable<WorkerEvent> WatchAsync(long after, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        return _events.WatchAsync(cancellationToken, after);
    }

    public Task<ReloadResult> ReloadAsync(CancellationToken cancellationToken = default) =>
        (_reloads ?? throw NotStarted()).ReloadAsync().WaitAsync(cancellationToken);

    public Task<ReloadResult> RestartAsync(string service, CancellationToken cancellationToken = default)
    {
        var name = settings.FindService(service);
        return (_reloads ?? throw NotStarted()).RestartAsync(name).WaitAsync(cancellationToken);
    }

    public Task<ReloadResult> RestartAsync(string service, int workerId, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workerId);
        var name = settings.FindService(service);
        return (_reloads ?? throw NotStarted()).RestartAsync(name, workerId).WaitAsync(cancellationToken);
    }

    /// <summary>Stops the workers, because a host whose start has failed is disposed of without a stop, and frees all resources.</summary>
    public async ValueTask DisposeAsync()
    {
        host.OnDisposing();
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _stopping.DisposeAsync().ConfigureAwait(false);
        process.Release();
        _reloads?.Dispose();
        _supervisor?.Dispose();
        _cluster?.Dispose();
        _events.Complete();
        _log?.Dispose();
        _supervisor = null;
        _isDisposed = true;
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Handles a signal. Called on threads of the runtime, one call at a time; must not block.</summary>
    private void OnSignal(MasterSignal signal)
    {
        if (signal == MasterSignal.Reload)
        {
            _ = ReloadOnSignalAsync(_supervisor!, _reloads!);
            return;
        }

        if (signal == MasterSignal.FastStop && _supervisor!.Completion.IsCompleted)
        {
            // All workers have exited, and something else delays the end of the program, such as an open connection of the web server.
            _log!.Write(Log.FastStop);
            process.Finish(exitCode: 1, endsProcess: true);
            return;
        }

        _supervisor!.Post(signal == MasterSignal.FastStop
            ? new SupervisorMessage.FastStopRequested(EndsProcess: true)
            : new SupervisorMessage.StopRequested(_earlyExitCode ?? 0));
        host.StopApplication();
    }

    private void StartWorkers(Supervisor supervisor)
    {
        var start = () => supervisor.Post(new SupervisorMessage.SupervisorStarted(host.ServiceManager));
        if (!settings.IsInProcess && services.GetServices<ISideChannel>().Any(s => s.NeedsStartedHost))
        {
            host.OnStarted(start);
        }
        else
        {
            start();
        }
    }

    private Supervisor Create(EffectiveSettings inForce)
    {
        var shutdownTimeout = services.GetRequiredService<ShutdownTimeout>();
        shutdownTimeout.Raise(inForce);

        // Not injected into the constructor, because hooks may inject the manager, which is this object.
        var hooks = new HookRunner(services.GetServices<ICotyledonHooks>(), clock, _logger);
        _log = new BackgroundLog(_logger);
        _telemetry = services.GetRequiredService<Telemetry>();
        _output = new SupervisorOutput(hooks, host, _telemetry, _events, _log, clock) { HookTimeout = inForce.Supervisor.HookTimeout };
        var state = new SupervisorState(inForce.Supervisor, inForce.Services, (ulong)clock.GetTimestamp())
        {
            HasReplacementHooks = hooks.HasReplacementHooks,
        };
        var supervisor = _supervisor = new Supervisor(state, report => CreateLauncher(inForce.Cluster is not null, report), _output, clock, () => BootClock.Now);
        _reloads = new ReloadCoordinator(
            settings, inForce, supervisor, _output, new ReloadDependencies(hooks, shutdownTimeout, _telemetry, _logger, clock));
        _usage = new UsageMeter(supervisor, settings.IsInProcess, ProcessUsage.Read, [.. services.GetServices<IWorkerLoadSource>()], clock);
        _cluster = CreateDriver(inForce.Cluster, supervisor);
        _output.Attach(supervisor.Post, _reloads, _cluster);
        _telemetry.Attach(supervisor, _events, _log);
        return supervisor;
    }

    private IWorkerLauncher CreateLauncher(bool hasCluster, Action<SupervisorMessage> report) => settings.IsInProcess
        ? new InProcessLauncher(services, clock, _logger, report)
        : WorkerLauncherFactory.Create(
            services.GetRequiredService<IHostEnvironment>(),
            services.GetServices<ISideChannel>(),
            hasCluster,
            () => settings.Configuration.Image,
            report);

    /// <summary>Stops the program if the supervisor itself fails. Its workers stop gracefully, because their channels are closed.</summary>
    private void StopWhenFailed(Supervisor supervisor) => supervisor.Completion.ContinueWith(
        failed =>
        {
            _cluster?.Dispose(); // Nothing is left that could run a worker, so another machine should.
            host.AnnounceFailure();
            Log.SupervisorFailed(_logger, failed.Exception!.GetBaseException());
        },
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);

    private static InvalidOperationException NotStarted() =>
        new("The supervisor has not started yet; wait until the host has started.");
}
