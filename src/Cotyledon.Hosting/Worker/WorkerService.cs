using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Processes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>The hosted service of a worker: says hello, and runs the service that the master assigns.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class WorkerService(
    IServiceProvider services,
    IReadOnlyList<WorkerRegistration> registrations,
    IHostApplicationLifetime lifetime,
    ILogger logger) : IHostedService, IMasterListener
{
    private readonly Lifeline _lifeline = Lifeline.Current!;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _title = new();
    private volatile ServiceRunner? _runner;
    private Heartbeat? _heartbeat;
    private Task _starting = Task.CompletedTask;
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _lifeline.SayHello(this);
        SetTitle();
        return Task.CompletedTask;
    }

    public void OnAssigned(Frame.Assign assignment)
    {
        var heartbeat = _heartbeat = new Heartbeat(
            assignment.LivenessTimeout, TimeProvider.System, () => _lifeline.Say(Frame.Alive.Instance));
        var context = new WorkerContext(
            assignment, () => _lifeline.Say(Frame.ReplaceMe.Instance), heartbeat.ReportAlive);
        var runner = _runner = new ServiceRunner(services, context, assignment, logger);
        _starting = Task.Run(() => runner.StartAsync(FindRegistration(assignment.Service), _stopping.Token));

        // On the pool from its first step: a start that has failed by now would go on right here, on the lifeline's thread.
        _running = Task.Run(() => FollowAsync(runner));
        SetTitle();
    }

    public void OnWaiting() => _ = Task.Run(() => Rehearsal.PlayAsync(services, logger, _stopping.Token));

    public void OnUpdate(Frame.Update update)
    {
        if (_runner is { } runner)
        {
            runner.GracefulTimeout = update.GracefulTimeout;
            _heartbeat!.SetTimeout(update.LivenessTimeout);

            // User code: not on the thread that keeps the worker honest.
            _ = Task.Run(() => Guard(() => runner.SetWorkerCount(update.WorkerCount)));
        }
    }

    public void OnReload() => _ = Task.Run(ReloadAsync);

    /// <remarks>
    /// The callbacks of the stopping tokens are user code, so they get a thread of their own; not one of the pool, which user
    /// code may have blocked in loops that only wait for these tokens.
    /// </remarks>
    public void OnStop(StopCause cause) =>
        new Thread(lifetime.StopApplication) { IsBackground = true, Name = "cotyledon stop" }.Start();

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _lifeline.Leave(StopCause.HostStopped);
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_runner is not { } runner)
        {
            return;
        }

        using var deadline = new CancellationTokenSource();
        if (runner.GracefulTimeout > TimeSpan.Zero)
        {
            deadline.CancelAfter(runner.GracefulTimeout);
        }

        try
        {
            // A service is stopped when its start has ended, one way or the other.
            await _starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await runner.StopAsync(deadline.Token).ConfigureAwait(false);
            if (runner.Completion.IsCompleted)
            {
                await _running.ConfigureAwait(false);
            }
        }
        catch (WorkerExitException e)
        {
            _lifeline.LeaveWith(e.ExitCode, WorkerExitReason.Exited, e.Message);
        }
        catch (Exception e)
        {
            Log.TerminateFailed(logger, runner.Context.ServiceName, runner.Context.WorkerId, e);
            _lifeline.LeaveWith(2, WorkerExitReason.Faulted, Lifeline.Describe(e));
        }
    }

    /// <summary>When nobody waits for it any more; whoever comes later shows what has become of the worker by then.</summary>
    private void SetTitle()
    {
        lock (_title)
        {
            ProcessTitle.Set(
                _runner is { Context: var context } ? $"{context.ServiceName} worker({context.WorkerId})" : "blank worker");
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
                _lifeline.Say(await _runner!.ReloadAsync(_stopping.Token).ConfigureAwait(false));
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

    private WorkerRegistration FindRegistration(string service) =>
        registrations.FirstOrDefault(r => r.Name == service)
        ?? throw new InvalidOperationException(
            $"This worker's program registers no service '{service}'. The same arguments and configuration must register the "
            + "same services in master and workers.");

    private async Task FollowAsync(ServiceRunner runner)
    {
        try
        {
            await _starting.ConfigureAwait(false);
            _lifeline.Say(Frame.Ready.Instance);
            if (await runner.Completion.ConfigureAwait(false))
            {
                _lifeline.Say(Frame.Idle.Instance);
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

    private void LeaveAfter(Exception exception)
    {
        var cause = StopCause.Threw(exception);
        if (cause.Reason == WorkerExitReason.Faulted)
        {
            Log.ServiceFaulted(logger, _runner!.Context.ServiceName, _runner.Context.WorkerId, exception);
        }

        if (!_lifeline.Leave(cause))
        {
            _lifeline.LeaveWith(cause.ExitCode ?? 2, cause.Reason ?? WorkerExitReason.Faulted, cause.Detail ?? "");
        }
    }
}
