using System.Runtime.CompilerServices;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using EventChannel = System.Threading.Channels.Channel<Cotyledon.Hosting.WorkerEvent>;

namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>A manager without processes. It records the calls, and its state can be changed.</summary>
internal sealed class FakeManager : ICotyledonManager
{
    private readonly List<string> _calls = [];
    private readonly List<EventChannel> _watchers = [];
    private readonly List<WorkerEvent> _events = [];
    private readonly Lock _gate = new();

    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>The number of readers of events.</summary>
    public int Watchers
    {
        get
        {
            lock (_gate)
            {
                return _watchers.Count;
            }
        }
    }

    public int ProcessId { get; set; } = 4711;

    public DateTimeOffset StartedAt { get; set; } = DateTimeOffset.UnixEpoch;

    public int Looks { get; private set; }

    public int Measurements { get; private set; }

    public IReadOnlyList<ServiceStatus> Services { get; set; } = [Service("polling", 2), Service("processing", 4)];

    public IReadOnlyList<WorkerExit> Exits { get; set; } = [];

    public IReadOnlyList<OperationStatus> Operations { get; set; } = [];

    public IReadOnlyList<string> ConfigurationErrors { get; set; } = [];

    public HealthStatus Health { get; set; } = HealthStatus.Healthy;

    public string? Requester { get; private set; }

    /// <summary>What changes of the number of workers wait for.</summary>
    public Task Resized { get; set; } = Task.CompletedTask;

    /// <summary>Thrown by each action.</summary>
    public Exception? Failure { get; set; }

    public ReloadResult Result { get; set; } = new() { Outcome = ReloadOutcome.Reloaded };

    public static ServiceStatus Service(string name, int workers) => new()
    {
        Name = name,
        Target = workers,
        ConfiguredTarget = workers,
        Ready = workers,
        Workers = [.. Enumerable.Range(0, workers).Select(Worker)],
    };

    public static WorkerStatus Worker(int id) => new()
    {
        WorkerId = id,
        ProcessId = 4000 + id,
        State = WorkerState.Ready,
        Incarnation = 1,
        StartedAt = DateTimeOffset.UtcNow.AddHours(-1),
        ReadySince = DateTimeOffset.UtcNow.AddHours(-1),
    };

    public static WorkerExit Exit(string message, params string[] stderr) => new()
    {
        Service = "polling",
        WorkerId = 1,
        Incarnation = 7,
        ProcessId = 4711,
        Reason = WorkerExitReason.Faulted,
        ExitCode = 2,
        ExitedAt = DateTimeOffset.UtcNow,
        Message = message,
        StandardErrorTail = stderr,
    };

    public void Publish(WorkerEventKind kind, WorkerExit? exit = null)
    {
        lock (_gate)
        {
            var what = new WorkerEvent
            {
                Number = _events.Count + 1,
                Time = DateTimeOffset.UtcNow,
                Kind = kind,
                Service = "polling",
                WorkerId = 1,
                Incarnation = 7,
                Exit = exit,
            };
            _events.Add(what);
            _watchers.ForEach(watcher => watcher.Writer.TryWrite(what));
        }
    }

    /// <summary>Begins to number the events at 1 again.</summary>
    public void ForgetEvents()
    {
        lock (_gate)
        {
            _events.Clear();
        }
    }

    public IReadOnlyList<ServiceStatus> GetStatus()
    {
        Looks++;
        return Services;
    }

    public CotyledonOverview GetOverview() => new()
    {
        Application = "Telemetry",
        Version = "1.2.0",
        ProcessId = ProcessId,
        StartedAt = StartedAt,
        Phase = CotyledonPhase.Running,
        Health = Health,
        HealthDescription = "all workers are ready",
        ProcessCount = 7,
        ConfigurationErrors = ConfigurationErrors,
    };

    public IReadOnlyList<WorkerExit> GetExits(int max = 64) => Exits;

    public IReadOnlyList<OperationStatus> GetOperations() => Operations;

    /// <summary>The open connections of worker 0, if it serves a web application.</summary>
    public int? Connections { get; set; }

    /// <summary>What measurements wait for.</summary>
    public Task Measured { get; set; } = Task.CompletedTask;

    public ScaleResult Scaled { get; set; } = new() { Outcome = ScaleOutcome.Scaled };

    public async Task<IReadOnlyList<WorkerUsage>> MeasureAsync(CancellationToken cancellationToken = default)
    {
        Measurements++;
        await Measured.WaitAsync(cancellationToken);
        return
        [
            new WorkerUsage { ProcessId = ProcessId, CpuPercent = 1.25, MemoryBytes = 40_000_000 },
            new WorkerUsage { Service = "polling", WorkerId = 0, ProcessId = 4000, CpuPercent = 2.5, MemoryBytes = 3_000_000, Connections = Connections, Requests = Connections * 40 },
        ];
    }

    public async Task<ScaleResult> ScaleAsync(string service, int workers, CancellationToken cancellationToken = default)
    {
        await Record($"scale {service} {workers}");
        await Resized.WaitAsync(cancellationToken);
        return Scaled;
    }

    public async Task<ScaleResult> ResetScaleAsync(string service, CancellationToken cancellationToken = default)
    {
        await Record($"reset {service}");
        return Scaled;
    }

    public Task<ReloadResult> ReloadAsync(CancellationToken cancellationToken = default) => RecordResult("reload");

    public Task<ReloadResult> RestartAsync(string service, CancellationToken cancellationToken = default) => RecordResult($"restart {service}");

    public Task<ReloadResult> RestartAsync(string service, int workerId, CancellationToken cancellationToken = default) =>
        RecordResult($"restart {service} {workerId}");

    public Task<bool> KillAsync(string service, int workerId, long incarnation, CancellationToken cancellationToken = default)
    {
        Record($"kill {service} {workerId} {incarnation}");
        return Task.FromResult(Services.Single(s => s.Name == service).Workers.Any(w => w.WorkerId == workerId && w.Incarnation == incarnation));
    }

    public void Shutdown(int exitCode = 0) => Record($"shutdown {exitCode}");

    public IAsyncEnumerable<WorkerEvent> WatchAsync(CancellationToken cancellationToken = default) => WatchAsync(long.MaxValue, cancellationToken);

    public IAsyncEnumerable<WorkerEvent> WatchAsync(long after, CancellationToken cancellationToken = default)
    {
        var channel = System.Threading.Channels.Channel.CreateUnbounded<WorkerEvent>();
        lock (_gate)
        {
            _watchers.Add(channel);
            _events.Where(e => e.Number > after).ToList().ForEach(e => channel.Writer.TryWrite(e));
        }

        return ReadAsync(channel, cancellationToken);
    }

    private async IAsyncEnumerable<WorkerEvent> ReadAsync(EventChannel channel, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var what in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return what;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(channel);
            }
        }
    }

    private Task<ReloadResult> RecordResult(string call)
    {
        Record(call);
        return Task.FromResult(Result);
    }

    private Task Record(string call)
    {
        lock (_gate)
        {
            _calls.Add(call);
        }

        Requester = Extensibility.ControlRequester.Current;
        return Failure is null ? Task.CompletedTask : throw Failure;
    }
}
