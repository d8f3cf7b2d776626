using System.Diagnostics.Metrics;

namespace Cotyledon.Hosting.Web.Passing;

/// <summary>Counts the connections of the master. Written by one thread, read by any.</summary>
internal sealed class DispatcherStatistics
{
    private readonly Counter<long> _passed;
    private readonly Counter<long> _passedAgain;
    private readonly Counter<long> _unserved;
    private volatile WorkerLink[] _workers = [];

    public DispatcherStatistics(IMeterFactory meters)
    {
        var meter = meters.Create("Cotyledon.Hosting.Web");
        _passed = meter.CreateCounter<long>("cotyledon.web.connections", "{connection}", "Connections that were passed to a worker.");
        _passedAgain = meter.CreateCounter<long>(
            "cotyledon.web.connections.passed_again", "{connection}", "Connections that were passed to another worker, because the first one did not take them.");
        _unserved = meter.CreateCounter<long>(
            "cotyledon.web.connections.unserved", "{connection}", "Connections that were closed, because no worker could take them in time.");
        meter.CreateObservableUpDownCounter(
            "cotyledon.web.connections.open",
            () => _workers.Select(w => new Measurement<int>(w.Open, new KeyValuePair<string, object?>("cotyledon.worker.id", w.WorkerId))),
            "{connection}",
            "Open connections of each worker.");
    }

    public void Passed() => _passed.Add(1);

    public void PassedAgain() => _passedAgain.Add(1);

    public void Unserved() => _unserved.Add(1);

    /// <summary>Sets the workers that serve.</summary>
    public void SetWorkers(IEnumerable<WorkerLink> workers) => _workers = [.. workers];
}
