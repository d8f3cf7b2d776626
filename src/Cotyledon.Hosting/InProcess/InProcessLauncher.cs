using System.Collections.Concurrent;
using Cotyledon.Hosting.Launching;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.InProcess;

/// <summary>Starts workers in the process of the master, each in its own scope, for debuggers and tests.</summary>
internal sealed class InProcessLauncher(
    IServiceProvider services, TimeProvider clock, ILogger logger, Action<SupervisorMessage> report) : IWorkerLauncher
{
    private readonly ConcurrentDictionary<int, InProcessWorker> _workers = new();
    private readonly WorkerRegistration[] _registrations = [.. services.GetServices<WorkerRegistration>()];

    public void Start(SupervisorCommand.StartWorker command)
    {
        var spawn = command.Spawn;
        var worker = _workers[spawn] = new InProcessWorker(
            spawn,
            (assignment, link) => new WorkerRun(services, assignment, link, logger),
            report,
            clock,
            logger)
        {
            OnGone = () => _workers.TryRemove(spawn, out _),
        };
        worker.Start();
    }

    public void Assign(int spawn, WorkerAssignment assignment) => Find(spawn)?.Assign(assignment.ToFrame(), _registrations);

    public void Update(SupervisorCommand.UpdateWorker command) => Find(command.Spawn)?.Update(command.ToFrame());

    public void ExtendLease(long end)
    {
    }

    /// <summary>Does nothing, because these workers read the configuration of the master.</summary>
    public void Publish(int spawn)
    {
    }

    public void Reload(int spawn) => Find(spawn)?.Reload();

    public void Stop(int spawn) => Find(spawn)?.Leave(StopCause.Requested);

    public void Kill(int spawn) => Find(spawn)?.Abandon();

    /// <summary>Reports zero, because the memory of one worker in a shared process cannot be measured. The limit has no effect.</summary>
    public void MeasureMemory(SupervisorCommand.MeasureMemory command) =>
        report(new SupervisorMessage.WorkerMemoryMeasured(command.Spawn, 0));

    public void Inspect(int spawn) =>
        report(new SupervisorMessage.WorkerInspected(spawn, "The worker runs in the process of the master; attach a debugger there."));

    /// <summary>Stops workers that are left because the supervisor has failed.</summary>
    public void Dispose()
    {
        foreach (var worker in _workers.Values)
        {
            worker.Leave(StopCause.Requested);
        }
    }

    private InProcessWorker? Find(int spawn) => _workers.GetValueOrDefault(spawn);
}
