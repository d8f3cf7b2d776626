namespace Cotyledon.Hosting.Supervision;

/// <summary>The state as the program may see it.</summary>
internal static class StatusReport
{
    public static IReadOnlyList<ServiceStatus> Of(SupervisorState state, TimeSpan now, DateTimeOffset wallClock) =>
        [.. state.Services.Select(service => new ServiceStatus(
            service.Name,
            service.Target,
            service.Ready,
            [.. service.Slots.Where(s => s.IsInTarget || s.Process is not null).Select(s => Of(s, now, wallClock))]))];

    private static WorkerStatus Of(Slot slot, TimeSpan now, DateTimeOffset wallClock) => new(
        slot.WorkerId,
        slot.Process?.ProcessId,
        slot.State,
        slot.Incarnation,
        slot.Process is { } process ? wallClock - (now - process.StartedAt) : null,
        slot.Restarts,
        slot.LastExit)
    {
        IsOtherBuild = slot.Process?.IsOtherBuild == true,
    };
}
