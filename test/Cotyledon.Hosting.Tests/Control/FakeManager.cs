using System.Runtime.CompilerServices;
using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using EventChannel = System.Threading.Channels.Channel<Cotyledon.Hosting.WorkerEvent>;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>A manager whose service <c>polling</c> has the workers that a test wants. Actions are recorded.</summary>
internal sealed class FakeManager : ICotyledonManager
{
    private readonly EventChannel _events = System.Threading.Channels.Channel.CreateUnbounded<WorkerEvent>();
    private int _watchers;

    public List<string> Calls { get; } = [];

    /// <summary>What actions wait for.</summary>
    public TaskCompletionSource<ReloadResult> Action { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CotyledonPhase Phase { get; set; } = CotyledonPhase.Running;

    public int Target { get; set; } = 2;

    public int ConfiguredTarget { get; set; } = 2;

    public int Ready { get; set; } = 2;

    /// <summary>A text in the status, for example a large one.</summary>
    public string? Message { get; set; }

    public IReadOnlyList<OperationStatus> Operations { get; set; } = [];

    public IReadOnlyList<WorkerExit> Exits { get; set; } = [];

    public IReadOnlyList<string> ConfigurationErrors => [];

    public IReadOnlyList<ServiceStatus> GetStatus() =>
    [
        new()
        {
            Name = "polling",
            Target = Target,
            ConfiguredTarget = ConfiguredTarget,
            Ready = Ready,
            Workers =
            [
                .. Enumerable.Range(0, 2).Select(id => new WorkerStatus
                {
                    WorkerId = id,
                    State = WorkerState.Ready,
                    Incarnation = 3,
                    ProcessId = 100 + id,
                    LastExit = Message is null ? null : Exit(id, Message),
                }),
            ],
        },
    ];

    public CotyledonOverview GetOverview() => new()
    {
        Application = "Test",
        Version = "1.2.3",
        ProcessId = 99,
        StartedAt = DateTimeOffset.UnixEpoch,
        Phase = Phase,
        Health = HealthStatus.Healthy,
        HealthDescription = "fine",
    };

    public IReadOnlyList<WorkerExit> GetExits(int max = 64) => [.. Exits.Take(max)];

    public IReadOnlyList<OperationStatus> GetOperations() => Operations;

    public ScaleResult Scaled { get; set; } = new() { Outcome = ScaleOutcome.Scaled };

    public Task<IReadOnlyList<WorkerUsage>> MeasureAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<WorkerUsage>>(
        [
            new WorkerUsage { ProcessId = 99, CpuPercent = 0.123, MemoryBytes = 5 },
            new WorkerUsage { Service = "polling", WorkerId = 1, ProcessId = 101, CpuPercent = 12.34, MemoryBytes = 7 },
        ]);

    public Task<ScaleResult> ScaleAsync(string service, int workers, CancellationToken cancellationToken = default) =>
        ScaleAsync($"scale {service} {workers}", cancellationToken);

    public Task<ScaleResult> ResetScaleAsync(string service, CancellationToken cancellationToken = default) =>
        ScaleAsync($"reset {service}", cancellationToken);

    public Task<ReloadResult> ReloadAsync(CancellationToken cancellationToken = default) => Act("reload");

    public Task<ReloadResult> RestartAsync(string service, CancellationToken cancellationToken = default) => Act($"restart {service}");

    public Task<ReloadResult> RestartAsync(string service, int workerId, CancellationToken cancellationToken = default) =>
        Act($"restart {service} {workerId}");

    public Task<bool> KillAsync(string service, int workerId, long incarnation, CancellationToken cancellationToken = default)
    {
        Act($"kill {service} {workerId} {incarnation}");
        return Task.FromResult(incarnation == 3);
    }

    public void Shutdown(int exitCode = 0) => Act($"shutdown {exitCode}");

    public void Publish(long number) => _events.Writer.TryWrite(new WorkerEvent
    {
        Number = number,
        Time = DateTimeOffset.UnixEpoch,
        Kind = WorkerEventKind.Ready,
        Service = "polling",
        WorkerId = 0,
    });

    public IAsyncEnumerable<WorkerEvent> WatchAsync(CancellationToken cancellationToken = default) => WatchAsync(long.MaxValue, cancellationToken);

    /// <summary>The number of enumerations that have not ended.</summary>
    public int Watchers => Volatile.Read(ref _watchers);

    public async IAsyncEnumerable<WorkerEvent> WatchAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _watchers);
        try
        {
            await foreach (var what in _events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return what;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }
    }

    public static WorkerExit Exit(int workerId, string message) => new()
    {
        Service = "polling",
        WorkerId = workerId,
        Reason = WorkerExitReason.Faulted,
        Message = message,
    };

    private async Task<ScaleResult> ScaleAsync(string what, CancellationToken cancellationToken)
    {
        await Act(what).WaitAsync(cancellationToken);
        return Scaled;
    }

    private Task<ReloadResult> Act(string what)
    {
        lock (Calls)
        {
            Calls.Add($"{what} by {ControlRequester.Current}");
        }

        return Action.Task;
    }
}
