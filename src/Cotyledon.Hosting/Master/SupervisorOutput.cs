using System.Collections.Concurrent;
using Cotyledon.Hosting.Cluster;
using Cotyledon.Hosting.Observability;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Master;

/// <summary>Executes the commands of the supervisor that concern the program: log messages, hooks, events, answers and notices.</summary>
internal sealed class SupervisorOutput : ISupervisorOutput
{
    private readonly HookRunner _hooks;
    private readonly ISupervisedHost _host;
    private readonly Telemetry _telemetry;
    private readonly WorkerEvents _events;
    private readonly BackgroundLog _log;
    private readonly TimeProvider _clock;
    private readonly RecentExits _exits = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<SupervisorCommand.CompleteRequest>> _requests = new();
    private readonly ConcurrentDictionary<Task, byte> _runningHooks = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<SupervisorCommand.CompleteReload>> _reloads = new();
    private Action<SupervisorMessage> _report = _ => { };
    private ReloadCoordinator? _coordinator;
    private ClusterDriver? _cluster;
    private Task _replacementHooks = Task.CompletedTask;
    private int _lastRequest;
    private long _hookTimeout;

    public SupervisorOutput(
        HookRunner hooks, ISupervisedHost host, Telemetry telemetry, WorkerEvents events, BackgroundLog log, TimeProvider clock)
    {
        (_hooks, _host, _telemetry, _events, _log, _clock) = (hooks, host, telemetry, events, log, clock);
    }

    public required TimeSpan HookTimeout
    {
        get => new(Volatile.Read(ref _hookTimeout));
        set => Volatile.Write(ref _hookTimeout, value.Ticks);
    }

    /// <summary>Sets the receivers of results. Called before the supervisor starts.</summary>
    public void Attach(Action<SupervisorMessage> report, ReloadCoordinator? coordinator, ClusterDriver? cluster = null) =>
        (_report, _coordinator, _cluster) = (report, coordinator, cluster);

    /// <inheritdoc cref="ICotyledonManager.GetExits"/>
    public IReadOnlyList<WorkerExit> GetExits(int max) => _exits.Get(max);

    /// <summary>Creates a request that <see cref="SupervisorCommand.CompleteRequest"/> answers.</summary>
    public (int Number, Task<SupervisorCommand.CompleteRequest> Answer) NewRequest() => New(_requests);

    /// <summary>Removes a request whose caller no longer waits for the answer.</summary>
    public void Forget(int request) => _requests.TryRemove(request, out _);

    /// <summary>Creates a reload that <see cref="SupervisorCommand.CompleteReload"/> answers.</summary>
    public (int Number, Task<SupervisorCommand.CompleteReload> Answer) NewReload() => New(_reloads);

    /// <summary>Waits until the running hooks have completed or timed out.</summary>
    public Task WaitForHooksAsync() => Task.WhenAll(_runningHooks.Keys);

    public void Execute(SupervisorCommand command)
    {
        try
        {
            CarryOut(command);
        }
        catch (OutOfMemoryException e)
        {
            // The system refuses a new thread. The work items of the thread pool run later, on its existing threads.
            _log.Write(logger => Log.NoThread(logger, e));
        }
    }

    private void CarryOut(SupervisorCommand command)
    {
        _telemetry.Observe(command);
        switch (command)
        {
            case SupervisorCommand.Publish publish:
                Publish(publish.Kind, publish.Worker, null);
                _log.Write(logger => WorkerLog.Write(logger, publish));
                break;
            case SupervisorCommand.RecordExit record:
                RecordExit(record.Exit);
                break;
            case SupervisorCommand.RecordGiveUp record:
                Publish(WorkerEventKind.GaveUp, Identity(record.Exit), record.Exit);
                _log.Write(logger => WorkerLog.Write(logger, record));
                break;
            case SupervisorCommand.RunTerminateHooks:
                _log.Write(Log.SupervisorStopping);
                _host.AnnounceStopping();
                Run(RunTerminateHooksAsync());
                break;
            case SupervisorCommand.RunReplacementHooks run:
                Run(_replacementHooks = RunReplacementHooksAsync(_replacementHooks, run));
                break;
            case SupervisorCommand.CheckBeforeReload check:
                _ = _coordinator?.ReloadWorkerAsync(check.Spawn);
                break;
            case SupervisorCommand.RecordProgress progress:
                _coordinator?.Operations.Record(progress);
                break;
            default:
                if (!Answer(command) && !Announce(command) && _cluster?.Execute(command) != true)
                {
                    _log.Write(logger => WorkerLog.Write(logger, command));
                }

                break;
        }
    }

    private (int Number, Task<T> Answer) New<T>(ConcurrentDictionary<int, TaskCompletionSource<T>> pending)
    {
        var number = Interlocked.Increment(ref _lastRequest);
        var source = pending[number] = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return (number, source.Task);
    }

    /// <summary>Completes a request, if the command is an answer.</summary>
    private bool Answer(SupervisorCommand command)
    {
        switch (command)
        {
            case SupervisorCommand.CompleteRequest complete:
                if (_requests.TryRemove(complete.Request, out var request))
                {
                    request.SetResult(complete);
                }

                return true;
            case SupervisorCommand.CompleteReload complete:
                if (_reloads.TryRemove(complete.Request, out var reload))
                {
                    reload.SetResult(complete);
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>Notifies the host, if the command is an announcement.</summary>
    private bool Announce(SupervisorCommand command)
    {
        switch (command)
        {
            case SupervisorCommand.AnnounceReady ready:
                _log.Write(logger => Log.AllReady(logger, ExceptOf(ready)));
                _host.AnnounceReady();
                return true;
            case SupervisorCommand.Notify notify:
                _host.Announce(notify.Notice);
                return true;
            case SupervisorCommand.Finish finish:
                Finish(finish);
                return true;
            default:
                return false;
        }
    }

    private static string ExceptOf(SupervisorCommand.AnnounceReady ready) =>
        (ready.GivenUp == 0 ? "" : $", except {ready.GivenUp} that were given up")
        + (ready.HasClusterServices ? "; workers of the cluster start when this program gets their worker ids" : "");

    private void RecordExit(WorkerExit exit)
    {
        _exits.Add(exit);
        Publish(WorkerEventKind.Exited, Identity(exit), exit);
        _log.Write(logger => WorkerLog.Write(logger, exit));
        Run(_hooks.RunAsync(
            nameof(ICotyledonHooks.OnDeadWorkerAsync),
            HookTimeout,
            (hook, cancellationToken) => hook.OnDeadWorkerAsync(exit, cancellationToken)));
    }

    private static WorkerIdentity Identity(WorkerExit exit) =>
        new(exit.Service, exit.WorkerId, exit.Incarnation, exit.ProcessId);

    private void Publish(WorkerEventKind kind, WorkerIdentity worker, WorkerExit? exit) => _events.Publish(new WorkerEvent
    {
        Time = _clock.GetUtcNow(),
        Kind = kind,
        Service = worker.Service,
        WorkerId = worker.WorkerId,
        Incarnation = worker.Incarnation,
        ProcessId = worker.ProcessId,
        Exit = exit,
    });

    private async Task RunTerminateHooksAsync()
    {
        await _hooks.RunAsync(
            nameof(ICotyledonHooks.OnTerminateAsync),
            HookTimeout,
            (hook, cancellationToken) => hook.OnTerminateAsync(cancellationToken)).ConfigureAwait(false);
        _report(new SupervisorMessage.TerminateHooksCompleted());
    }

    /// <summary>
    /// Runs the hooks of one exit after those of the previous exit. A replacement waits for one hook timeout at most, even if earlier hooks
    /// hang. Its hooks are not called after that: calls that come too late would pile up, and the stop would wait for all of them.
    /// </summary>
    private async Task RunReplacementHooksAsync(Task before, SupervisorCommand.RunReplacementHooks command)
    {
        var timeout = HookTimeout;
        var isLate = false;
        var running = RunAsync();
        isLate = !await PausableTimeout.WaitAsync(running, timeout, _clock).ConfigureAwait(false);
        _report(new SupervisorMessage.ReplacementHooksCompleted(command.Spawn));
        await running.ConfigureAwait(false);

        async Task RunAsync()
        {
            await before.ConfigureAwait(false);
            if (isLate)
            {
                _log.Write(logger => Log.ReplacementHooksSkipped(logger, command.Exit.Service, command.Exit.WorkerId, timeout));
                return;
            }

            await _hooks.RunAsync(
                nameof(ICotyledonReplacementHooks.OnBeforeReplacementAsync),
                timeout,
                (hook, cancellationToken) => (hook as ICotyledonReplacementHooks)?.OnBeforeReplacementAsync(command.Exit, cancellationToken) ?? Task.CompletedTask)
                .ConfigureAwait(false);
        }
    }

    private void Finish(SupervisorCommand.Finish finish)
    {
        _log.Write(logger =>
        {
            if (finish.Fast)
            {
                Log.FastStop(logger);
            }

            Log.SupervisorStopped(logger, finish.ExitCode);
        });
        _events.Complete();
        _host.Finish(finish.ExitCode, finish.EndsProcess);
    }

    private void Run(Task hook)
    {
        if (!hook.IsCompleted)
        {
            _runningHooks.TryAdd(hook, 0);
            hook.ContinueWith(
                h => _runningHooks.TryRemove(h, out _),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
