using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Observability;

/// <summary>A process that holds a slot.</summary>
internal readonly record struct WorkerLocation(string Service, int WorkerId, int ProcessId)
{
    /// <summary>Workers inside the master have no process, and no memory, of their own.</summary>
    public static IReadOnlyList<WorkerLocation> Of(SupervisorState state) =>
    [
        .. from service in state.Services
           from slot in service.Slots
           let processId = slot.Process is { State: not WorkerState.Killed } process ? process.ProcessId : null
           where processId is not null && processId != Environment.ProcessId
           select new WorkerLocation(service.Name, slot.WorkerId, processId.Value),
    ];
}
