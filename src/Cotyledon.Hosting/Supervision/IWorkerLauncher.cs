namespace Cotyledon.Hosting.Supervision;

/// <summary>What the supervisor needs of the operating system. No member waits or throws; answers come as messages.</summary>
internal interface IWorkerLauncher : IDisposable
{
    void Start(SupervisorCommand.StartWorker command);

    void Assign(int spawn, WorkerAssignment assignment);

    void Update(SupervisorCommand.UpdateWorker command);

    /// <summary>Sends the accepted configuration, which has changed, to a worker whose service does not reload.</summary>
    void Publish(int spawn);

    void Reload(int spawn);

    void Stop(int spawn);

    void Kill(int spawn);

    void MeasureMemory(SupervisorCommand.MeasureMemory command);

    void Inspect(int spawn);
}
