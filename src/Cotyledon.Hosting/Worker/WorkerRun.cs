using Cotyledon.Hosting.Channel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>The run of one service as one worker: started, followed, reloaded and stopped, and the master hears of each step.</summary>
internal sealed class WorkerRun : IDisposable
{
    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(1);

    private readonly IMasterLink _master;
    private readonly ILogger _logger;
    private readonly ServiceRunner _runner;
    private readonly Heartbeat _heartbeat;
    private readonly CancellationTokenSource _stopping = new();
    private Task _starting = Task.CompletedTask;
    private Task _running = Task.CompletedTask;
    private volatile Task _reloading = Task.CompletedTask;

    /// <param name="services">The container; the service gets a scope of its own.</param>
    /// <param name="assignment">Which worker this is.</param>
    /// <param name="master">Who hears of it.</param>
    /// <param name="logger">Where the package's own lines go.</param>
    /// <param name="applyConfiguration">Takes the accepted configuration, before the service is made and before it reloads.</param>
    public WorkerRun(
        IServiceProvider services, Frame.Assign assignment, IMasterLink master, ILogger logger, Action? applyConfiguration = null)
    {
        (_master, _logger) = (master, logger);
        _heartbeat = new Heartbeat(assignment.LivenessTimeout, TimeProvider.System, () => master.Say(Frame.Alive.Instance));
        Context = new WorkerContext(assignment, master.Say, _heartbeat.ReportAlive);
        _runner = new ServiceRunner(services, Context, assignment, logger, applyConfiguration);
    }

    public WorkerContext Context { get; }

    /// <summary>Null until it is made.</summary>
    public IHostedService? Service => _runner.Service;

    /// <summary>Begins the start on the thread pool.</summary>
    public void Start(IReadOnlyList<WorkerRegistration> registrations)
    {
        _starting = Task.Run(() => _runner.StartAsync(FindRegistration(registrations), _stopping.Token));

        // On the pool from its first step: a start that has failed by now would go on right here, on the caller's thread.
        _running = Task.Run(FollowAsync);
    }

    /// <summary>Takes what has changed. The service hears of a new number of workers on the thread pool.</summary>
    public void Update(Frame.Update update)
    {
        _runner.GracefulTimeout = update.GracefulTimeout;
        _heartbeat.SetTimeout(update.LivenessTimeout);

        // User code: not on the thread that keeps the worker honest.
        Context.SetWorkerCount(update.WorkerCount);
        _ = Task.Run(() => Guard(_runner.RaiseWorkerCountChanged));
    }

    /// <summary>Begins a reload on the thread pool. Called by one thread only.</summary>
    public void Reload() => _reloading = Task.WhenAll(_reloading, Task.Run(ReloadAsync));

    /// <summary>Stops and disposes the service. Does not fail: the master hears of what went wrong.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        using var deadline = new CancellationTokenSource();
        using var timeout = _runner.GracefulTimeout > TimeSpan.Zero
            ? PausableTimeout.TryStart(deadline, _runner.GracefulTimeout, TimeProvider.System)
            : null;

        try
        {
            // A service is stopped when its start and its reload have ended, one way or the other.
            await Task.WhenAll(_starting, _reloading).WaitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _runner.StopAsync(deadline.Token).ConfigureAwait(false);
            if (_runner.Completion.IsCompleted)
            {
                await _running.ConfigureAwait(false);
            }
            else
            {
                Log.RunGoesOn(_logger, Context.ServiceName, Context.WorkerId);
            }
        }
        catch (WorkerExitException e)
        {
            // The exit code is the program's; why it leaves is known.
            _master.LeaveWith(e.ExitCode, null, e.Message);
        }
        catch (Exception e)
        {
            _master.LeaveWith(2, WorkerExitReason.Faulted, ExceptionText.Of(e));
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
            $"This worker's program registers no service '{Context.ServiceName}'. The same arguments and configuration must "
            + "register the same services in master and workers.");

    private async Task FollowAsync()
    {
        try
        {
            await _starting.ConfigureAwait(false);
            _master.Say(Frame.Ready.Instance);
            await _runner.Completion.ConfigureAwait(false);
            if (_runner.HasRun)
            {
                _master.Say(Frame.Idle.Instance);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Told to stop while it started.
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
            // A SIGHUP may come while the service still starts.
            await _starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_starting.IsCompletedSuccessfully)
            {
                _master.Say(await _runner.ReloadAsync(_stopping.Token).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It leaves instead.
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
        var cause = StopCause.Threw(exception);
        if (cause.Reason == WorkerExitReason.Faulted)
        {
            // Before the stop begins, at the end of which the log is closed; but a log that hangs must not keep a dead service.
            Task.Run(() => Log.ServiceFaulted(_logger, Context.ServiceName, Context.WorkerId, exception)).Wait(LogTimeout);
        }

        if (!_master.Leave(cause))
        {
            _master.LeaveWith(cause.ExitCode ?? 2, cause.Reason ?? WorkerExitReason.Faulted, cause.Detail ?? "");
        }
    }
}
