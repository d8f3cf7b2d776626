using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Testing;

/// <summary>Receives the messages of a worker to its master, and records them for the test.</summary>
internal sealed class WorkerMessages : IWorkerObserver
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TestWorkerExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private TaskCompletionSource<TestReloadOutcome>? _reload;
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

    public Task<TestReloadOutcome> NextReload()
    {
        lock (_gate)
        {
            _reload = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_exit.Task.IsCompleted)
            {
                _reload.SetResult(TestReloadOutcome.Exited);
            }

            return _reload.Task;
        }
    }

    public void OnReady() => _ready.TrySetResult();

    public void OnIdle() => IsIdle = true;

    public void OnReloaded()
    {
        lock (_gate)
        {
            _reload?.TrySetResult(TestReloadOutcome.Reloaded);
        }
    }

    /// <summary>A worker sends the same message in two cases: its service cannot reload in place, or the service wants to be replaced.</summary>
    public void OnReplacementRequested()
    {
        lock (_gate)
        {
            if (_reload is not { Task.IsCompleted: false } reload || !reload.TrySetResult(TestReloadOutcome.Replaced))
            {
                Interlocked.Increment(ref _restartRequests);
            }
        }
    }

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
            _reload?.TrySetResult(TestReloadOutcome.Exited);
        }
    }
}
