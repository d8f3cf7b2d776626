using System.Collections.Concurrent;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Master;

/// <summary>Carries out what the supervisor wants of the program: log, hooks, events, answers.</summary>
internal sealed class SupervisorOutput(
    HookRunner hooks, WorkerEvents events, BackgroundLog log, Func<SupervisorSettings> settings, TimeProvider clock) : ISupervisorOutput
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _requests = new();
    private readonly ConcurrentDictionary<Task, byte> _runningHooks = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<SupervisorCommand.CompleteReload>> _reloads = new();
    private Task _replacementHooks = Task.CompletedTask;
    private int _lastRequest;

    /// <summary>Called when all services have their workers for the first time.</summary>
    public Action OnReady { get; init; } = () => { };

    /// <summary>Called when the end has begun, whoever began it.</summary>
    public Action OnStopping { get; init; } = () => { };

    /// <summary>Called with what the service manager is to hear.</summary>
    public Action<Notice> OnNotice { get; init; } = _ => { };

    /// <summary>Called with the exit code, and whether the program is to end at once.</summary>
    public Action<int, bool> OnFinished { get; init; } = (_, _) => { };

    /// <summary>Called with each command, before it is carried out.</summary>
    public Action<SupervisorCommand> Observe { get; init; } = _ => { };

    /// <summary>Called with a worker that was sent SIGHUP.</summary>
    public Action<int> OnReloadWanted { get; set; } = _ => { };

    /// <summary>How it comes back to the supervisor that hooks have ended.</summary>
    public Action<SupervisorMessage> Report { get; set; } = _ => { };

    /// <summary>A request that <see cref="SupervisorCommand.CompleteRequest"/> answers.</summary>
    public (int Number, Task Answer) NewRequest()
    {
        var number = Interlocked.Increment(ref _lastRequest);
        var source = _requests[number] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (number, source.Task);
    }

    /// <summary>A reload that <see cref="SupervisorCommand.CompleteReload"/> answers.</summary>
    public (int Number, Task<SupervisorCommand.CompleteReload> Answer) NewReload()
    {
        var number = Interlocked.Increment(ref _lastRequest);
        var source = _reloads[number] =
            new TaskCompletionSource<SupervisorCommand.CompleteReload>(TaskCreationOptions.RunContinuationsAsynchronously);
        return (number, source.Task);
    }

    /// <summary>Ends when the hooks that were called have ended, or had their time.</summary>
    public Task WaitForHooksAsync() => Task.WhenAll(_runningHooks.Keys);

    public void Execute(SupervisorCommand command)
    {
        try
        {
            CarryOut(command);
        }
        catch (OutOfMemoryException e)
        {
            // The thread pool gets no thread. What it was given runs when one of its threads is free.
            log.Write(logger => Log.NoThread(logger, e));
        }
    }

    private void CarryOut(SupervisorCommand command)
    {
        Observe(command);
        switch (command)
        {
            case SupervisorCommand.Publish publish:
                Publish(publish.Kind, publish.Worker, null);
                log.Write(logger => WorkerLog.Write(logger, publish));
                break;
            case SupervisorCommand.RecordExit record:
                Publish(WorkerEventKind.Exited, Identity(record.Exit), record.Exit);
                log.Write(logger => WorkerLog.Write(logger, record.Exit));
                Run(hooks.RunAsync(
                    nameof(ICotyledonHooks.OnDeadWorkerAsync),
                    settings().HookTimeout,
                    (hook, cancellationToken) => hook.OnDeadWorkerAsync(record.Exit, cancellationToken)));
                break;
            case SupervisorCommand.RecordGiveUp record:
                Publish(WorkerEventKind.GaveUp, Identity(record.Exit), record.Exit);
                log.Write(logger => WorkerLog.Write(logger, record));
                break;
            case SupervisorCommand.RunTerminateHooks:
                RunTerminateHooks();
                break;
            case SupervisorCommand.RunReplacementHooks run:
                Run(_replacementHooks = RunReplacementHooksAsync(_replacementHooks, run));
                break;
            case SupervisorCommand.CompleteRequest complete:
                Complete(complete);
                break;
            case SupervisorCommand.CompleteReload complete:
                if (_reloads.TryRemove(complete.Request, out var reload))
                {
                    reload.SetResult(complete);
                }

                break;
            case SupervisorCommand.CheckBeforeReload check:
                OnReloadWanted(check.Spawn);
                break;
            case SupervisorCommand.AnnounceReady:
                log.Write(Log.AllReady);
                OnReady();
                break;
            case SupervisorCommand.Notify notify:
                OnNotice(notify.Notice);
                break;
            case SupervisorCommand.Finish finish:
                Finish(finish);
                break;
            default:
                log.Write(logger => WorkerLog.Write(logger, command));
                break;
        }
    }

    private static WorkerIdentity Identity(WorkerExit exit) =>
        new(exit.Service, exit.WorkerId, exit.Incarnation, exit.ProcessId);

    private void Publish(WorkerEventKind kind, WorkerIdentity worker, WorkerExit? exit) => events.Publish(new WorkerEvent
    {
        Time = clock.GetUtcNow(),
        Kind = kind,
        Service = worker.Service,
        WorkerId = worker.WorkerId,
        Incarnation = worker.Incarnation,
        ProcessId = worker.ProcessId,
        Exit = exit,
    });

    private void RunTerminateHooks()
    {
        log.Write(Log.SupervisorStopping);
        OnStopping();
        Run(hooks
            .RunAsync(
                nameof(ICotyledonHooks.OnTerminateAsync),
                settings().HookTimeout,
                (hook, cancellationToken) => hook.OnTerminateAsync(cancellationToken))
            .ContinueWith(
                _ => Report(new SupervisorMessage.TerminateHooksCompleted()),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default));
    }

    /// <summary>One exit after the other; but no slot waits for longer than its own hooks may take.</summary>
    private async Task RunReplacementHooksAsync(Task before, SupervisorCommand.RunReplacementHooks command)
    {
        var timeout = settings().HookTimeout;
        var running = RunAsync();
        await PausableTimeout.WaitAsync(running, timeout, clock).ConfigureAwait(false);
        Report(new SupervisorMessage.ReplacementHooksCompleted(command.Spawn));
        await running.ConfigureAwait(false);

        async Task RunAsync()
        {
            await before.ConfigureAwait(false);
            await hooks.RunAsync(
                nameof(ICotyledonReplacementHooks.OnBeforeReplacementAsync),
                timeout,
                (hook, cancellationToken) => (hook as ICotyledonReplacementHooks)?.OnBeforeReplacementAsync(command.Exit, cancellationToken) ?? Task.CompletedTask)
                .ConfigureAwait(false);
        }
    }

    private void Complete(SupervisorCommand.CompleteRequest complete)
    {
        if (!_requests.TryRemove(complete.Request, out var source))
        {
            return;
        }

        if (complete.Error is null)
        {
            source.SetResult();
        }
        else
        {
            source.SetException(new InvalidOperationException(complete.Error));
        }
    }

    private void Finish(SupervisorCommand.Finish finish)
    {
        log.Write(logger =>
        {
            if (finish.Fast)
            {
                Log.FastStop(logger);
            }

            Log.SupervisorStopped(logger, finish.ExitCode);
        });
        events.Complete();
        OnFinished(finish.ExitCode, finish.Fast);
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
