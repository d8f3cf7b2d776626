namespace Cotyledon.Hosting.Supervision;

/// <summary>Creates the status that <see cref="ICotyledonManager.GetStatus"/> returns.</summary>
internal static class StatusReport
{
    public static IReadOnlyList<ServiceStatus> Of(SupervisorState state, TimeSpan now, DateTimeOffset wallClock) =>
        [.. state.Services.Select(service => new ServiceStatus
        {
            Name = service.Name,
            Target = service.Target,
            ClusterTarget = service.IsOfCluster ? service.WorkerCount : null,
            ConfiguredTarget = service.Settings.Workers,
            Ready = service.Ready,
            Workers =
            [
                .. service.Slots
                    .Where(s => s.IsListed)
                    .Select(s => Of(s, now, wallClock) with { IsOutdated = IsOutdated(state, s) }),
            ],
        })];

    private static WorkerStatus Of(Slot slot, TimeSpan now, DateTimeOffset wallClock) => new()
    {
        WorkerId = slot.WorkerId,
        ProcessId = slot.Process?.ProcessId,
        State = slot.State,
        Incarnation = slot.Incarnation,
        StartedAt = slot.Process is { } process ? wallClock - (now - process.StartedAt) : null,
        ReadySince = slot.Process?.ReadyAt is { } readyAt ? wallClock - (now - readyAt) : null,
        NextStartAt = slot is { State: WorkerState.BackingOff, Deadline: { } deadline } ? wallClock + (deadline - now) : null,
        Restarts = slot.Failures.Restarts,
        LastExit = slot.LastExit,
        IsOtherBuild = slot.Process?.IsOtherBuild == true,
    };

    private static bool IsOutdated(SupervisorState state, Slot slot) =>
        slot.Process is { Incarnation: > 0 } process
        && (process.ValuesVersion != state.ValuesVersion || !process.Start.Equals(slot.Service.Settings.Start));
}
