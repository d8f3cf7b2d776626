using System.Runtime.ExceptionServices;
using Cotyledon.Hosting.Channel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>Runs the service of one worker: starts, watches, reloads and stops it, and reports each step to the master.</summary>
internal sealed class WorkerRun : IDisposable
{
    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(1);

    private readonly IMasterLink _master;
    private readonly ILogger _logger;
    private readonly ServiceRunner _runner;
    private readonly Heartbeat _heartbeat;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _hostStopping;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _starting = Task.CompletedTask;
    private Task _running = Task.CompletedTask;
    private volatile Task _reloading = Task.CompletedTask;

    /// <param name="services">The services of the process.</param>
    /// <param name="assignment">The worker id and the settings of the worker.</param>
    /// <param name="master">Receives the reports.</param>
    /// <param name="logger">The log of the package.</param>
    /// <param name="takeConfiguration">Takes the configuration that the master has sent; the argument is whether it is applied.</param>
    public WorkerRun(
        IServiceProvider services, Frame.Assign assignment, IMasterLink master, ILogger logger, Action<bool>? takeConfiguration = null)
    {
        (_master, _logger) = (master, logger);
        _heartbeat = new Heartbeat(assignment.LivenessTimeout, TimeProvider.System, () => master.Say(Frame.Alive.Instance));
        Context = new WorkerContext(assignment, master.Say, _heartbeat.ReportAlive) { Heartbeat = _heartbeat };
        _hostStopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        _runner = new ServiceRunner(services, Context, assignment, logger, takeConfiguration);
    }

    public WorkerContext Context { get; }

    /// <summary>The service, or <see langword="null"/> until it is created.</summary>
    public IHostedService? Service => _runner.Service;

    /// <summary>Completes when the worker has reported that it is ready.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Begins the start on the thread pool.</summary>
    public void Start(IReadOnlyList<WorkerRegistration> registrations)
    {
        _starting = Task.Run(() => _runner.StartAsync(FindRegistration(registrations), _stopping.Token));

        // Task.Run, because if the start has failed by now, FollowAsync would continue on the thread of the caller.
        _running = Task.Run(FollowAsync);
    }

    /// <summary>Applies changed settings. The event for a new number of workers is raised on the thread pool.</summary>
    public void Update(Frame.Update update)
    {
        _runner.GracefulTimeout = update.GracefulTimeout;
        _heartbeat.SetTimeout(update.LivenessTimeout);

        // Handlers are code of the program, which must not run on the thread of the lifeline.
        Context.SetWorkerCount(update.WorkerCount);
        _ = Task.Run(() => Guard(_runner.RaiseWorkerCountChanged));
    }

    /// <summary>Begins to take a configuration that the master has sent, on the thread pool because of the callbacks of the program.</summary>
    public void TakeConfiguration() => _ = Task.Run(_runner.TakeConfiguration);

    /// <summary>Begins a reload on the thread pool. Not thread-safe.</summary>
    public void Reload() => _reloading = Task.WhenAll(_reloading, Task.Run(ReloadAsync));

    /// <summary>Stops and disposes of the service. Does not fail, but reports a failure to the master.</summary>
    public async Task StopAsync()
    {
        using var deadline = new CancellationTokenSource();
        using var timeout = _runner.GracefulTimeout > TimeSpan.Zero
            ? PausableTimeout.TryStart(deadline, _runner.GracefulTimeout, TimeProvider.System)
            : null;

        // Callbacks of the program may throw. The service is stopped nevertheless, and the exception is reported after that.
        var failure = await _stopping.TryCancelAsync().ConfigureAwait(false);
        try
        {
            // The service is stopped after its start and its reloads have completed or failed.
            await Task.WhenAll(_starting, _reloading).WaitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _runner.StopAsync(deadline.Token).ConfigureAwait(false);
            if (_runner.Completion.IsCompleted)
            {
                await _running.ConfigureAwait(false);
            }
            else
            {
                Log.RunNotCompleted(_logger, Context.ServiceName, Context.WorkerId);
            }

            if (failure is not null)
            {
                ExceptionDispatchInfo.Throw(failure);
            }
        }
        catch (WorkerExitException e)
        {
            // The program has chosen the exit code. The reason stays the same.
            _master.ReportExit(e.ExitCode, null, e.Message);
        }
        catch (Exception e)
        {
            _master.ReportExit(2, WorkerExitReason.Faulted, ExceptionText.Of(e));
            Log.TerminateFailed(_logger, Context.ServiceName, Context.WorkerId, e);
        }
    }

    public void Dispose()
    {
        _heartbeat.Dispose();
        _stopping.Dispose();
    }

    private WorkerRegistration FindRegistration(IReadOnlyList<WorkerRegistration> registrations) =>
        registrations.FirstOrDefault(r => r.Name == Context.ServiceName)
        ?? throw new InvalidOperationException(
            $"The service '{Context.ServiceName}' is not registered in this worker. Program.cs must register the same services in master "
            + "and workers.");

    private async Task FollowAsync()
    {
        try
        {
            await _starting.ConfigureAwait(false);
            _master.Say(Frame.Ready.Instance);
            _ready.TrySetResult();
            await _runner.Completion.ConfigureAwait(false);
            if (_runner.HasRun)
            {
                _heartbeat.OnIdle();
                _master.Say(Frame.Idle.Instance);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested || _hostStopping.IsCancellationRequested)
        {
            // The worker is stopping. A run may also wait with the token of the host, which is cancelled a moment before the service is stopped.
            (_runner.Service as CotyledonService)?.OnRunCancelledByStop();
        }
        catch (Exception e)
        {
            LeaveAfter(e);
        }
    }

    private async Task ReloadAsync()
    {
        try
        {
            // WorkerHarness can request a reload during the start of the service. A master waits until the worker is ready.
            await _starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_starting.IsCompletedSuccessfully)
            {
                _master.Say(await _runner.ReloadAsync(_stopping.Token).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested || _hostStopping.IsCancellationRequested)
        {
            // The worker was stopped during the reload.
        }
        catch (Exception e)
        {
            LeaveAfter(e);
        }
    }

    private void Guard(Action userCode)
    {
        try
        {
            userCode();
        }
        catch (Exception e)
        {
            LeaveAfter(e);
        }
    }

    private void LeaveAfter(Exception exception)
    {
        var cause = StopCause.OfException(exception);
        if (cause.Reason == WorkerExitReason.Faulted)
        {
            // Logged before the stop begins, because the stop closes the log. A log that hangs must not keep the worker alive.
            Task.Run(() => Log.ServiceFaulted(_logger, Context.ServiceName, Context.WorkerId, exception)).Wait(LogTimeout);
        }

        if (!_master.Leave(cause))
        {
            // During a stop, WorkerExitException only chooses the exit code.
            WorkerExitReason? reason = exception is WorkerExitException ? null : cause.Reason ?? WorkerExitReason.Faulted;
            _master.ReportExit(cause.ExitCode ?? 2, reason, cause.Detail ?? "");
        }
    }
}
