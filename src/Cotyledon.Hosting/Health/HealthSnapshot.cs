using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Health;

/// <summary>The state from which health is evaluated, at one moment.</summary>
internal sealed record HealthSnapshot
{
    public required SupervisorPhase Phase { get; init; }

    /// <summary>Whether each worker has been ready, or was given up, since the start.</summary>
    public bool WasReady { get; init; }

    public IReadOnlyList<ServiceHealth> Services { get; init; } = [];

    /// <summary>The errors in the present configuration. While there are any, the last valid configuration is in use.</summary>
    public IReadOnlyList<string> ConfigurationErrors { get; init; } = [];

    public IReadOnlyList<HealthIssue> HealthIssues { get; init; } = [];

    /// <summary>Whether the store of the cluster has answered since the start, or is not needed.</summary>
    public bool IsClusterReached { get; init; } = true;

    /// <summary>Whether the workers of the cluster do not run here, because the lease could not be extended.</summary>
    public bool IsLeaseLost { get; init; }

    public static HealthSnapshot Of(SupervisorState state) => new()
    {
        Phase = state.Phase,
        WasReady = state.IsAnnounced,
        Services = [.. state.Services.Select(ServiceHealth.Of)],
    };
}

/// <summary>The health of a service: its target, its ready workers and its missing workers.</summary>
internal sealed record ServiceHealth(string Name, int Target, int Ready)
{
    public IReadOnlyList<MissingWorker> Missing { get; init; } = [];

    /// <summary>The number of slots in each state. Empty slots outside the target do not count.</summary>
    public IReadOnlyDictionary<WorkerState, int> ByState { get; init; } = new Dictionary<WorkerState, int>();

    public WorkerExit? LastExit { get; init; }

    public static ServiceHealth Of(ServiceState service) => new(service.Name, service.Target, service.Ready)
    {
        Missing =
        [
            .. service.Slots
                .Where(s => (s.IsInTarget && s.Process is not { Works: true }) || IsBlocked(s))
                .Select(s => new MissingWorker(s.WorkerId, s.State, s.Failures.FailedStarts, s.LastExit) { IsStuck = s.Process is { IsStuck: true } }),
        ],
        ByState = service.CountByState(),
        LastExit = service.LastExit,
    };

    /// <summary>
    /// Whether SIGKILL did not end the process of a worker id that the cluster needs. No machine can take the id, and only this one knows why.
    /// </summary>
    private static bool IsBlocked(Slot slot) => slot.Process is { IsStuck: true } && slot.WorkerId < slot.Service.WorkerCount;
}

/// <summary>A slot of the target without a ready or idle worker, or one whose process does not end, so that no machine can take its id.</summary>
internal sealed record MissingWorker(int WorkerId, WorkerState State, int FailedStarts = 0, WorkerExit? LastExit = null)
{
    /// <summary>The number of consecutive failed starts from which the worker is reported as unable to start.</summary>
    private const int HopelessStarts = 3;

    /// <summary>Whether SIGKILL has not ended its process.</summary>
    public bool IsStuck { get; init; }

    public bool IsGivenUp => State == WorkerState.GivenUp;

    public bool CannotStart => FailedStarts >= HopelessStarts;
}
