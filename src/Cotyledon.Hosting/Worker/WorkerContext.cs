using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Worker;

/// <summary>The context of the service of one worker.</summary>
internal sealed class WorkerContext(Frame.Assign assignment, Action<Frame> say, Action reportAlive) : IWorkerContext
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _raising = new();
    private int _workerCount = assignment.WorkerCount;
    private int _raisedCount = assignment.WorkerCount;

    public event Action<int>? WorkerCountChanged;

    public string ServiceName => assignment.Service;

    public int WorkerId => assignment.WorkerId;

    public int WorkerCount => Volatile.Read(ref _workerCount);

    public long Incarnation => assignment.Incarnation;

    /// <summary>The heartbeat of the worker; <see langword="null"/> for the warm-up of a worker without a worker id.</summary>
    public Heartbeat? Heartbeat { get; init; }

    /// <summary>Completes when <see cref="MarkReady"/> is called.</summary>
    public Task MarkedReady => _ready.Task;

    public void MarkReady() => _ready.TrySetResult();

    public void RequestRestart() => say(Frame.ReplaceMe.Instance);

    public void RequestShutdown(int exitCode = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exitCode);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exitCode, OptionLimits.MaxExitCode);
        say(new Frame.ShutDown(exitCode));
    }

    public void ReportAlive() => reportAlive();

    /// <summary>Sets the number of workers without raising <see cref="WorkerCountChanged"/>.</summary>
    public void SetWorkerCount(int count) => Volatile.Write(ref _workerCount, count);

    /// <summary>
    /// Raises <see cref="WorkerCountChanged"/> if the number of workers has changed since the last call. Calls may run in another order
    /// than the updates, so each call raises the event with the latest number.
    /// </summary>
    public void RaiseWorkerCountChanged()
    {
        lock (_raising)
        {
            var count = WorkerCount;
            if (_raisedCount != count)
            {
                _raisedCount = count;
                WorkerCountChanged?.Invoke(count);
            }
        }
    }
}

/// <summary>Holds the context in the scope of a service.</summary>
internal sealed class WorkerContextHolder
{
    private IWorkerContext? _context;

    public IWorkerContext Context
    {
        get => _context ?? throw new InvalidOperationException(
            "IWorkerContext exists only in the scope of a worker's service. Inject it into the service that AddCotyledonWorker "
            + "registered, or into scoped or transient services that it uses; not into singletons, and not in the master.");
        set => _context = value;
    }
}
