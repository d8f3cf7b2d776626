using Cotyledon.Hosting.Channel;

namespace Cotyledon.Hosting.Worker;

/// <summary>The context of the one service that runs in this process.</summary>
internal sealed class WorkerContext(Frame.Assign assignment, Action requestRestart, Action reportAlive) : IWorkerContext
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _workerCount = assignment.WorkerCount;

    public event Action<int>? WorkerCountChanged;

    public string ServiceName => assignment.Service;

    public int WorkerId => assignment.WorkerId;

    public int WorkerCount => Volatile.Read(ref _workerCount);

    public int Incarnation => assignment.Incarnation;

    /// <summary>Ends when <see cref="MarkReady"/> was called.</summary>
    public Task MarkedReady => _ready.Task;

    public void MarkReady() => _ready.TrySetResult();

    public void RequestRestart() => requestRestart();

    public void ReportAlive() => reportAlive();

    public void SetWorkerCount(int count)
    {
        if (Interlocked.Exchange(ref _workerCount, count) != count)
        {
            WorkerCountChanged?.Invoke(count);
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
