using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Observability;

/// <summary>The process of a worker.</summary>
internal readonly record struct WorkerLocation(string Service, int WorkerId, int ProcessId)
{
    /// <summary>
    /// Returns the processes of all workers. Workers in the process of the master are excluded, because they have no memory of their own.
    /// </summary>
    public static IReadOnlyList<WorkerLocation> Of(SupervisorState state) =>
    [
        .. from service in state.Services
           from slot in service.Slots
           let processId = slot.Process is { State: not WorkerState.Killed } process ? process.ProcessId : null
           where processId is not null && processId != Environment.ProcessId
           select new WorkerLocation(service.Name, slot.WorkerId, processId.Value),
    ];
}
