using System.Collections.Concurrent;

namespace Cotyledon.Hosting.Tests.InProcess;

/// <summary>What the services of one test did, each as <c>ID.INCARNATION what</c>, and what they are to do.</summary>
internal sealed class Record
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public Func<IWorkerContext, CancellationToken, Task> Run { get; set; } = (_, stopping) => Task.Delay(Timeout.Infinite, stopping);

    public Func<IWorkerContext, Task> Terminate { get; set; } = _ => Task.CompletedTask;

    public void Add(IWorkerContext worker, string what) => _lines.Enqueue($"{worker.WorkerId}.{worker.Incarnation} {what}");
}

/// <summary>A service that writes down what is done with it.</summary>
internal sealed class RecordingService : CotyledonService, IDisposable
{
    private readonly IWorkerContext _worker;
    private readonly Record _record;

    public RecordingService(IWorkerContext worker, Record record)
    {
        (_worker, _record) = (worker, record);
        _worker.WorkerCountChanged += count => _record.Add(_worker, $"count {count}");
        _record.Add(_worker, "init");
    }

    public override Task ReloadAsync(CancellationToken cancellationToken)
    {
        _record.Add(_worker, "reload");
        return Task.CompletedTask;
    }

    public void Dispose() => _record.Add(_worker, "dispose");

    protected override Task RunAsync(CancellationToken cancellationToken) => _record.Run(_worker, cancellationToken);

    protected override Task TerminateAsync(CancellationToken cancellationToken)
    {
        _record.Add(_worker, "terminate");
        return _record.Terminate(_worker);
    }
}
