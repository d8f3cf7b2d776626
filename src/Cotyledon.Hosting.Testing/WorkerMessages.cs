using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Testing;

/// <summary>Receives the messages of a worker to its master, and records them for the test.</summary>
internal sealed class WorkerMessages : IWorkerObserver
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TestWorkerExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource<TestReloadOutcome>> _reloads = [];
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

    /// <summary>Begins a reload. The worker runs one reload at a time and answers each, unless it exits.</summary>
    public Task<TestReloadOutcome> BeginReload()
    {
        lock (_gate)
        {
            if (_exit.Task.IsCompleted)
            {
                return Task.FromResult(TestReloadOutcome.Exited);
            }

            var reload = new TaskCompletionSource<TestReloadOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
            _reloads.Enqueue(reload);
            return reload.Task;
        }
    }

    public void OnReady() => _ready.TrySetResult();

    public void OnIdle() => IsIdle = true;

    public void OnReloaded() => CompleteReload(TestReloadOutcome.Reloaded);

    public void OnCannotReload() => CompleteReload(TestReloadOutcome.Replaced);

    public void OnReplacementRequested() => Interlocked.Increment(ref _restartRequests);

    public void OnShutdownRequested(int exitCode)
    {
        lock (_gate)
        {
            _shutdownRequest ??= exitCode;
        }
    }

    public void OnExited(WorkerExitReason reason, int? exitCode, string? message)
    {
        lock (_gate)
        {
            _exit.TrySetResult(new TestWorkerExit { Reason = reason, ExitCode = exitCode, Message = message });
            while (_reloads.TryDequeue(out var reload))
            {
                reload.SetResult(TestReloadOutcome.Exited);
            }
        }
    }

    private void CompleteReload(TestReloadOutcome outcome)
    {
        lock (_gate)
        {
            if (_reloads.TryDequeue(out var reload))
            {
                reload.SetResult(outcome);
            }
        }
    }
}
