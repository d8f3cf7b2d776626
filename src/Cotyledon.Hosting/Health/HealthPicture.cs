using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Health;

/// <summary>What health is judged by, at a moment.</summary>
internal sealed record HealthPicture
{
    public required SupervisorPhase Phase { get; init; }

    /// <summary>Whether all services have had their workers.</summary>
    public bool WasReady { get; init; }

    public IReadOnlyList<ServiceHealth> Services { get; init; } = [];

    /// <summary>What is wrong with the present configuration; the last good one is in force.</summary>
    public IReadOnlyList<string> ConfigurationErrors { get; init; } = [];

    public IReadOnlyList<HealthIssue> HealthIssues { get; init; } = [];

    public static HealthPicture Of(SupervisorState state) => new()
    {
        Phase = state.Phase,
        WasReady = state.IsAnnounced,
        Services = [.. state.Services.Select(ServiceHealth.Of)],
    };
}

/// <summary>A service: what it is to have, what it has, and the places that nobody works in.</summary>
internal sealed record ServiceHealth(string Name, int Target, int Ready)
{
    public IReadOnlyList<MissingWorker> Missing { get; init; } = [];

    /// <summary>How many slots are in each state; those that are empty and not wanted do not count.</summary>
    public IReadOnlyDictionary<WorkerState, int> ByState { get; init; } = new Dictionary<WorkerState, int>();

    public WorkerExit? LastExit { get; init; }

    public static ServiceHealth Of(ServiceState service) => new(service.Name, service.Target, service.Ready)
    {
        Missing =
        [
            .. service.Slots
                .Where(s => s.IsInTarget && s.Process is not { Works: true })
                .Select(s => new MissingWorker(s.WorkerId, s.State, s.FailedStarts, s.LastExit)),
        ],
        ByState = service.CountByState(),
        LastExit = service.LastExit,
    };
}

/// <summary>A place of the target that nobody works in.</summary>
internal sealed record MissingWorker(int WorkerId, WorkerState State, int FailedStarts = 0, WorkerExit? LastExit = null)
{
    /// <summary>From so many starts in a row on that have come to nothing, the next one is not expected to do better.</summary>
    private const int HopelessStarts = 3;

    public bool IsGivenUp => State == WorkerState.GivenUp;

    public bool CannotStart => FailedStarts >= HopelessStarts;
}
