namespace Cotyledon.Hosting.Supervision;

/// <summary>Executes the commands for workers. No member waits or throws; results arrive as messages.</summary>
internal interface IWorkerLauncher : IDisposable
{
    void Start(SupervisorCommand.StartWorker command);

    void Assign(int spawn, WorkerAssignment assignment);

    void Update(SupervisorCommand.UpdateWorker command);

    /// <summary>Moves the time on at which the workers of the cluster are killed. Without effect on workers that are not processes.</summary>
    void ExtendLease(long end);

    /// <summary>Sends the accepted configuration to a worker, without a reload of its service.</summary>
    void Publish(int spawn);

    void Reload(int spawn);

    void Stop(int spawn);

    void Kill(int spawn);

    void MeasureMemory(SupervisorCommand.MeasureMemory command);

    void Inspect(int spawn);
}
