using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Worker;

/// <summary>The context of the one service that runs in this process.</summary>
/// <param name="assignment">Which worker this is.</param>
/// <param name="say">Tells the master.</param>
/// <param name="reportAlive">Called by <see cref="ReportAlive"/>.</param>
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

    /// <summary>Ends when <see cref="MarkReady"/> was called.</summary>
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

    /// <summary>Takes a new number of workers. <see cref="RaiseWorkerCountChanged"/> tells the service.</summary>
    public void SetWorkerCount(int count) => Volatile.Write(ref _workerCount, count);

    /// <summary>
    /// Tells the service of the present number, unless it knows that. Several calls may have been started in any order: the last one to
    /// run tells the last number.
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

/// <summary>Carries the context into the scope in which a service is made.</summary>
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
