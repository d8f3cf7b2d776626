using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting;

/// <summary>The master's hosted service: starts the supervisor with the host and stops it with the host.</summary>
internal sealed class SupervisorService(
    MasterSettings settings,
    MasterHost host,
    IEnumerable<ICotyledonHooks> hooks,
    ILoggerFactory loggers,
    TimeProvider clock) : IHostedService, ICotyledonManager, IAsyncDisposable, IDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger("Cotyledon.Hosting");
    private BackgroundLog? _log;
    private SupervisorOutput? _output;
    private Supervisor? _supervisor;
    private CancellationTokenRegistration _stopping;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var (supervisorSettings, services) = settings.Read();
        settings.Warnings().ToList().ForEach(warning => Log.ConfigurationWarning(_logger, warning));
        if (ForeignHost.Name is { } program)
        {
            Log.NotTheApplication(_logger, program);
            return Task.CompletedTask;
        }

        host.RaiseShutdownTimeout(supervisorSettings, services);
        var state = new SupervisorState(supervisorSettings, services, (ulong)clock.GetTimestamp());
        _log = new BackgroundLog(_logger);
        _output = new SupervisorOutput(new HookRunner(hooks, clock, _logger), _log, () => supervisorSettings, clock)
        {
            OnReady = host.AnnounceReady,
            OnStopping = host.AnnounceStopping,
            OnFinished = MasterExit.Finish,
        };
        var supervisor = _supervisor = new Supervisor(state, host.CreateLauncher, _output, clock);
        _output.Report = supervisor.Post;
        Log.SupervisorStarted(
            _logger, string.Join(", ", services.Select(s => $"{s.Name} x {s.Workers}")), Environment.ProcessId);
        ProcessTitle.SetMaster();
        supervisor.Start();
        host.ListenToSignals(supervisor.Post);
        _stopping = host.OnStopping(() => supervisor.Post(new SupervisorMessage.StopRequested()));
        supervisor.Post(new SupervisorMessage.SupervisorStarted());
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_supervisor is not { } supervisor || _output is not { } output)
        {
            return;
        }

        supervisor.Post(new SupervisorMessage.StopRequested());
        await using var impatient = cancellationToken.Register(
            () => supervisor.Post(new SupervisorMessage.FastStopRequested())).ConfigureAwait(false);
        try
        {
            await supervisor.Completion.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.SupervisorFailed(_logger, e);
            MasterExit.Finish(exitCode: 1, fast: false);
        }

        await output.WaitForHooksAsync().ConfigureAwait(false);
    }

    public IReadOnlyList<ServiceStatus> GetStatus() =>
        _supervisor?.Read((state, now) => StatusReport.Of(state, now, clock.GetUtcNow())) ?? [];

    public async Task ReconfigureAsync(string service, int workers, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, OptionLimits.MaxWorkers);
        var name = settings.FindService(service);
        if (_supervisor is not { } supervisor || _output is not { } output)
        {
            throw new InvalidOperationException("The supervisor has not started yet; wait until the host has started.");
        }

        var (number, answer) = output.NewRequest();
        supervisor.Post(new SupervisorMessage.ResizeRequested(name, workers, number));
        await answer.WaitAsync(ct).ConfigureAwait(false);
    }

    public void Shutdown(int exitCode = 0)
    {
        _supervisor?.Post(new SupervisorMessage.StopRequested(exitCode));
        host.StopApplication();
    }

    public IAsyncEnumerable<WorkerEvent> WatchAsync(CancellationToken ct = default) =>
        _output is { } output
            ? output.Events.WatchAsync(ct)
            : throw new InvalidOperationException("The supervisor has not started yet; wait until the host has started.");

    /// <summary>Also the end of a host whose start failed: it is disposed without having been stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _stopping.DisposeAsync().ConfigureAwait(false);
        MasterSignals.Instance.StopListening();
        _supervisor?.Dispose();
        _log?.Dispose();
        _supervisor = null;
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
