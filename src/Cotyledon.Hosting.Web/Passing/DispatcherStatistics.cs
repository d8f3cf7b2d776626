using System.Diagnostics.Metrics;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>
/// Counts the connections of the master. Written by the thread of the <see cref="Dispatcher"/>, which runs no listener of the program: the
/// instruments are observed by the collector.
/// </summary>
internal sealed class DispatcherStatistics
{
    private const string Unit = "{connection}";

    private volatile WorkerLink[] _workers = [];
    private long _passed;
    private long _passedAgain;
    private long _unserved;

    public DispatcherStatistics(IMeterFactory meters)
    {
        var meter = meters.Create("Cotyledon.Hosting.Web");
        meter.CreateObservableCounter(
            "cotyledon.web.connections", () => Interlocked.Read(ref _passed), Unit, "Connections that were passed to a worker.");
        meter.CreateObservableCounter(
            "cotyledon.web.connections.passed_again",
            () => Interlocked.Read(ref _passedAgain),
            Unit,
            "Connections that were passed to another worker, because the first one did not take them.");
        meter.CreateObservableCounter(
            "cotyledon.web.connections.unserved",
            () => Interlocked.Read(ref _unserved),
            Unit,
            "Connections that were closed, because no worker could take them in time.");
        meter.CreateObservableUpDownCounter("cotyledon.web.connections.open", Open, Unit, "Open connections of each worker.");
    }

    public void Passed() => Interlocked.Increment(ref _passed);

    public void PassedAgain() => Interlocked.Increment(ref _passedAgain);

    public void Unserved() => Interlocked.Increment(ref _unserved);

    /// <summary>Sets the workers that serve.</summary>
    public void SetWorkers(IEnumerable<WorkerLink> workers) => _workers = [.. workers];

    /// <summary>The open connections by worker id. During a replacement, two processes have the same one.</summary>
    private IEnumerable<Measurement<int>> Open() => _workers
        .GroupBy(w => w.WorkerId)
        .Select(g => new Measurement<int>(g.Sum(w => w.Open), new KeyValuePair<string, object?>("cotyledon.worker.id", g.Key)));
}
