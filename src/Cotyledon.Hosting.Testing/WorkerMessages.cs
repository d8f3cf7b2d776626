using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Testing;

/// <summary>Receives the messages of a worker to its master, and records them for the test.</summary>
internal sealed class WorkerMessages
{
    private readonly TaskCompletionSource _ready = New();
    private readonly TaskCompletionSource<TestWorkerExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private TaskCompletionSource<TestReloadOutcome>? _reload;
    private SupervisorMessage.WorkerIsLeaving? _leaving;
    private int _restartRequests;
    private int? _shutdownRequest;

    public Task Ready => _ready.Task;

    public Task<TestWorkerExit> Exit => _exit.Task;

    public bool IsIdle { get; private set; }

    public int? ShutdownRequest
    {
        get
        {
            lock (_gate)
            {
                return _shutdownRequest;
            }
        }
    }

    public int RestartRequests => Volatile.Read(ref _restartRequests);

    /// <summary>Returns a task with the outcome of the next reload.</summary>
    public Task<TestReloadOutcome> NextReload()
    {
        lock (_gate)
        {
            _reload = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_exit.Task.IsCompleted)
            {
                _reload.SetResult(TestReloadOutcome.Left);
            }

            return _reload.Task;
        }
    }

    public void Receive(SupervisorMessage message)
    {
        lock (_gate)
        {
            Take(message);
        }
    }

    private void Take(SupervisorMessage message)
    {
        switch (message)
        {
            case SupervisorMessage.WorkerBecameReady:
                _ready.TrySetResult();
                break;
            case SupervisorMessage.WorkerBecameIdle:
                IsIdle = true;
                break;
            case SupervisorMessage.WorkerReloaded:
                _reload?.TrySetResult(TestReloadOutcome.Reloaded);
                break;
            case SupervisorMessage.WorkerAskedForReplacement:
                // One message with two meanings: the service cannot reload in place, or it has called RequestRestart.
                if (_reload is not { Task.IsCompleted: false } reload || !reload.TrySetResult(TestReloadOutcome.Replaced))
                {
                    Interlocked.Increment(ref _restartRequests);
                }

                break;
            case SupervisorMessage.WorkerAskedForShutdown shutdown:
                _shutdownRequest ??= shutdown.ExitCode;
                break;
            case SupervisorMessage.WorkerIsLeaving leaving:
                _leaving = leaving;
                break;
            case SupervisorMessage.WorkerExited exited:
                _exit.TrySetResult(new TestWorkerExit
                {
                    Reason = _leaving?.Reason ?? WorkerExitReason.Stopped,
                    ExitCode = exited.Status.Code,
                    Message = _leaving?.Detail,
                });
                _reload?.TrySetResult(TestReloadOutcome.Left);
                break;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
