using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Master;

/// <summary>
/// Measures the processor time and the memory of the master and its workers, and their connections, only when it is called. Callers share a
/// measurement.
/// </summary>
/// <param name="supervisor">Knows the processes.</param>
/// <param name="isInProcess">Whether the workers run in the process of the master.</param>
/// <param name="read">Reads the usage of a process. It may block.</param>
/// <param name="loads">Measure the connections and requests of services.</param>
/// <param name="clock">The clock.</param>
internal sealed class UsageMeter(
    Supervisor supervisor,
    bool isInProcess,
    Func<int, ProcessUsage?> read,
    IReadOnlyList<IWorkerLoadSource> loads,
    TimeProvider clock)
{
    /// <summary>The time for which a measurement is shared.</summary>
    private static readonly TimeSpan SharedFor = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The kernel may block a reader until a process has released the lock of its memory map. Callers then get the previous result.
    /// </summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Task<IReadOnlyList<WorkerUsage>> _measurement = Task.FromResult<IReadOnlyList<WorkerUsage>>([]);
    private long? _measuredAt;
    private volatile IReadOnlyList<WorkerUsage> _last = [];

    /// <summary>The processor times of the previous measurement by spawn number. Only the present measurement uses it.</summary>
    private Dictionary<int, (TimeSpan Used, long At)> _before = [];

    public async Task<IReadOnlyList<WorkerUsage>> MeasureAsync(CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<WorkerUsage>> measurement;
        lock (_gate)
        {
            if (_measurement.IsCompleted && (_measuredAt is not { } at || clock.GetElapsedTime(at) >= SharedFor))
            {
                _measuredAt = clock.GetTimestamp();
                _measurement = StartMeasurement();
            }

            measurement = _measurement;
        }

        await ((Task)measurement).WaitAsync(MaxWait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return measurement.IsCompleted ? await measurement.ConfigureAwait(false) : _last;
    }

    /// <summary>Measures on a thread of its own, because the kernel may block a reader of /proc, and the program the thread pool.</summary>
    private Task<IReadOnlyList<WorkerUsage>> StartMeasurement()
    {
        var result = new TaskCompletionSource<IReadOnlyList<WorkerUsage>>();
        Threads.Run("cotyledon usage", () =>
        {
            try
            {
                result.SetResult(Measure());
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        });
        return result.Task;
    }

    private IReadOnlyList<WorkerUsage> Measure()
    {
        var present = new Dictionary<int, (TimeSpan, long)>();
        List<(int Spawn, WorkerUsage Usage)> measured = [];
        var loadOf = MeasureLoads();
        foreach (var process in ListProcesses())
        {
            if (read(process.ProcessId) is { } usage)
            {
                var at = clock.GetTimestamp();
                var load = process is { Service: { } service, WorkerId: { } workerId } ? loadOf.GetValueOrDefault((service, workerId)) : null;
                present.Add(process.Spawn, (usage.Processor, at));
                measured.Add((process.Spawn, new WorkerUsage
                {
                    Service = process.Service,
                    WorkerId = process.WorkerId,
                    ProcessId = process.ProcessId,
                    CpuPercent = PercentOf(process.Spawn, usage.Processor, at),
                    MemoryBytes = usage.Memory,
                    Connections = load?.Connections,
                    Requests = load?.Requests,
                }));
            }
        }

        // The id of a process that has exited meanwhile may be that of another process now.
        _before = present;
        return _last = supervisor.Read<IReadOnlyList<WorkerUsage>>((state, _) =>
            [.. measured.Where(m => m.Spawn == MasterSpawn || state.Processes.ContainsKey(m.Spawn)).Select(m => m.Usage)]);
    }

    /// <summary>Measures the connections and requests.</summary>
    private Dictionary<(string Service, int WorkerId), WorkerLoad> MeasureLoads()
    {
        var result = new Dictionary<(string, int), WorkerLoad>();
        foreach (var source in isInProcess ? [] : loads)
        {
            foreach (var load in source.Measure())
            {
                result[(source.Service, load.WorkerId)] = load;
            }
        }

        return result;
    }

    /// <summary>Stands for the master. Spawn numbers begin at 1.</summary>
    private const int MasterSpawn = 0;

    private IEnumerable<Measured> ListProcesses() => supervisor
        .Read((state, _) => isInProcess ? [] : state.Services
            .SelectMany(service => service.Slots)
            .Where(slot => slot.Process?.ProcessId is not null)
            .Select(slot => new Measured(slot.Process!.Spawn, slot.Service.Name, slot.WorkerId, slot.Process.ProcessId!.Value))
            .ToList())
        .Prepend(new Measured(MasterSpawn, null, null, Environment.ProcessId));

    private double? PercentOf(int spawn, TimeSpan used, long at)
    {
        if (!_before.TryGetValue(spawn, out var before) || clock.GetElapsedTime(before.At, at) is not { Ticks: > 0 } elapsed)
        {
            return null;
        }

        return Math.Max(0, 100 * ((used - before.Used) / elapsed));
    }

    private readonly record struct Measured(int Spawn, string? Service, int? WorkerId, int ProcessId);
}
