using System.Collections.Concurrent;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Supervision;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.InProcess;

/// <summary>Starts workers inside the master's own process, one scope each: for a debugger and for tests.</summary>
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

    /// <summary>They read the master's configuration.</summary>
    public void Publish(int spawn)
    {
    }

    public void Reload(int spawn) => Find(spawn)?.Reload();

    public void Stop(int spawn) => Find(spawn)?.Leave(StopCause.Told);

    public void Kill(int spawn) => Find(spawn)?.Abandon();

    /// <summary>What one worker of a process uses, nobody knows: the limit has no effect here.</summary>
    public void MeasureMemory(SupervisorCommand.MeasureMemory command) =>
        report(new SupervisorMessage.WorkerMemoryMeasured(command.Spawn, 0));

    public void Inspect(int spawn) =>
        report(new SupervisorMessage.WorkerInspected(spawn, "It runs in the master's process: look there with a debugger."));

    public void Dispose()
    {
    }

    private InProcessWorker? Find(int spawn) => _workers.GetValueOrDefault(spawn);
}
