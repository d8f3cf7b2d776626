using System.Collections.Concurrent;

namespace Cotyledon.Hosting.Tests.InProcess;

/// <summary>Records the calls to the services of one test as <c>ID.INCARNATION call</c>, and sets their behavior.</summary>
internal sealed class Record
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public Func<IWorkerContext, CancellationToken, Task> Run { get; set; } = (_, stopping) => Task.Delay(Timeout.Infinite, stopping);

    public Func<IWorkerContext, Task> Terminate { get; set; } = _ => Task.CompletedTask;

    public void Add(IWorkerContext worker, string call) => _lines.Enqueue($"{worker.WorkerId}.{worker.Incarnation} {call}");
}

/// <summary>A service that records the calls to it.</summary>
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
