using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Observability.TelemetryNames;

namespace Cotyledon.Hosting.Observability;

/// <summary>The instruments of the supervisor. Only durations are recorded; all other values are observed on request.</summary>
internal sealed class SupervisorMeter
{
    /// <summary>The buckets for start durations, from a spare that is assigned a worker id to a program that starts slowly.</summary>
    private static readonly double[] StartBuckets =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private static readonly double[] ReloadBuckets =
        [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

    private readonly ConcurrentDictionary<(string Service, WorkerExitReason Reason), long> _restarts = new();
    private readonly Histogram<double> _starts;
    private readonly Histogram<double> _reloads;
    private volatile Supervisor? _supervisor;

    public SupervisorMeter(IMeterFactory meters, Func<IEnumerable<(string Kind, long Count)>> drops)
    {
        var meter = meters.Create(Source);
        meter.CreateObservableUpDownCounter(
            "cotyledon.worker.count", Counts, "{worker}", "Workers of a service in a state, including worker ids without a process.");
        meter.CreateObservableUpDownCounter(
            "cotyledon.worker.target", Targets, "{worker}", "Target number of workers of a service.");
        meter.CreateObservableUpDownCounter(
            "cotyledon.cluster.target", ClusterTargets, "{worker}", "Number of workers of a service in the whole cluster.");
        meter.CreateObservableGauge(
            "cotyledon.cluster.lease", Leases, "s", "Time until the workers of the cluster in this program are killed, if the lease is not extended.");
        meter.CreateObservableUpDownCounter(
            "cotyledon.spare.count", Spares, "{process}", "Spare workers that wait for a worker id.");
        meter.CreateObservableCounter(
            "cotyledon.worker.restarts", Restarts, "{restart}", "Exits of workers that were followed by a replacement.");
        meter.CreateObservableUpDownCounter(
            "cotyledon.worker.memory.usage", Memory, "By", "Memory of a worker: its proportional set size on Linux.");
        meter.CreateObservableCounter(
            "cotyledon.drops", () => Drops(drops()), "{item}", "Items that were dropped because a consumer was too slow or failed.");
        _starts = meter.CreateHistogram(
            "cotyledon.worker.start.duration", "s", "Time from the start of a worker until it is ready or has failed.",
            tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = StartBuckets });
        _reloads = meter.CreateHistogram(
            "cotyledon.reload.duration", "s", "Time from the request for a reload until the last affected worker is done.",
            tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = ReloadBuckets });
    }

    public bool WantsStarts => _starts.Enabled;

    /// <summary>Sets the supervisor to observe. Before that, there are no measurements of its state.</summary>
    public void Attach(Supervisor supervisor) => _supervisor = supervisor;

    public void CountRestart(string service, WorkerExitReason reason) =>
        _restarts.AddOrUpdate((service, reason), 1, (_, count) => count + 1);

    public void RecordStart(TimeSpan duration, params ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _starts.Record(duration.TotalSeconds, tags);

    public void RecordReload(TimeSpan duration, params ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _reloads.Record(duration.TotalSeconds, tags);

    /// <summary>Reports each state, even those without workers. Otherwise dashboards would keep the last number of a state.</summary>
    private IEnumerable<Measurement<int>> Counts() =>
        from service in Read(state => state.Services.ConvertAll(s => (s.Name, ByState: s.CountByState())))
        from state in service.ByState
        select new Measurement<int>(
            state.Value, new(Service, service.Name), new KeyValuePair<string, object?>(State, Of(state.Key)));

    private IEnumerable<Measurement<int>> Targets() =>
        from service in Read(state => state.Services.ConvertAll(s => (s.Name, s.Target)))
        select new Measurement<int>(service.Target, new KeyValuePair<string, object?>(Service, service.Name));

    private IEnumerable<Measurement<int>> ClusterTargets() =>
        from service in Read(state => state.Services.FindAll(s => s.IsOfCluster).ConvertAll(s => (s.Name, s.WorkerCount)))
        select new Measurement<int>(service.WorkerCount, new KeyValuePair<string, object?>(Service, service.Name));

    private IEnumerable<Measurement<double>> Leases() =>
        Read<long>(state => state.LeaseEnd == 0 ? [] : [state.LeaseEnd])
            .Select(end => new Measurement<double>(Math.Max(0, end - BootClock.Now) / 1000.0));

    private IEnumerable<Measurement<int>> Spares() =>
        Read<int>(state => [state.Spares.Slots.Count(s => s.Process is { SaidHello: true, Departure.IsRequested: false })])
            .Select(count => new Measurement<int>(count));

    private IEnumerable<Measurement<long>> Restarts() => _restarts.Select(r => new Measurement<long>(
        r.Value, new(Service, r.Key.Service), new KeyValuePair<string, object?>(ExitReason, Of(r.Key.Reason))));

    /// <summary>
    /// Measures the processes outside the supervisor's lock, because the page tables of a process can be large. Workers in the process of the
    /// master are excluded, because they have no memory of their own.
    /// </summary>
    private IEnumerable<Measurement<long>> Memory() =>
        from worker in Read(state => (IReadOnlyList<(string Service, int WorkerId, int ProcessId)>)
        [
            .. from service in state.Services
               from slot in service.Slots
               let processId = slot.Process is { State: not WorkerState.Killed } process ? process.ProcessId : null
               where processId is not null && processId != Environment.ProcessId
               select (service.Name, slot.WorkerId, processId.Value),
        ])
        let bytes = ProcessMemory.Measure(worker.ProcessId, limit: 0)
        where bytes > 0
        select new Measurement<long>(
            bytes.Value, new(Service, worker.Service), new KeyValuePair<string, object?>(WorkerId, worker.WorkerId));

    private static IEnumerable<Measurement<long>> Drops(IEnumerable<(string Kind, long Count)> drops) =>
        drops.Select(d => new Measurement<long>(d.Count, new KeyValuePair<string, object?>(DropKind, d.Kind)));

    private IReadOnlyList<T> Read<T>(Func<SupervisorState, IReadOnlyList<T>> read) =>
        _supervisor?.Read((state, _) => read(state)) ?? [];
}
