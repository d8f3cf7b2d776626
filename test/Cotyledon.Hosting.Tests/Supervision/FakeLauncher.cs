using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Starts nothing. Remembers what it was told, and does what the test says in place of the workers.</summary>
internal sealed class FakeLauncher(Action<SupervisorMessage> report) : IWorkerLauncher
{
    public List<string> Calls { get; } = [];

    /// <summary>What a start does; by default the worker gets ready at once.</summary>
    public Action<int> OnStart { get; set; } = spawn =>
    {
        report(new SupervisorMessage.WorkerStarted(spawn, 1000 + spawn));
        report(new SupervisorMessage.WorkerSaidHello(spawn));
    };

    public Action<int> OnAssign { get; set; } = spawn => report(new SupervisorMessage.WorkerBecameReady(spawn));

    /// <summary>What a reload does; by default the worker takes the new configuration at once.</summary>
    public Action<int> OnReload { get; set; } = spawn => report(new SupervisorMessage.WorkerReloaded(spawn));

    /// <summary>What a stop does; by default the worker leaves at once.</summary>
    public Action<int> OnStop { get; set; } = spawn =>
        report(new SupervisorMessage.WorkerExited(spawn, ExitStatus.Exited(0), []));

    public Action<int> OnKill { get; set; } = spawn =>
        report(new SupervisorMessage.WorkerExited(spawn, ExitStatus.Signaled(9), []));

    public void Start(SupervisorCommand.StartWorker command) => Call("start", command.Spawn, OnStart);

    public void Assign(int spawn, WorkerAssignment assignment) => Call("assign", spawn, OnAssign);

    public void Update(SupervisorCommand.UpdateWorker command) => Calls.Add($"update {command.Spawn} {command.WorkerCount}");

    public void Publish(int spawn) => Calls.Add($"publish {spawn}");

    public void Reload(int spawn) => Call("reload", spawn, OnReload);

    public void Stop(int spawn) => Call("stop", spawn, OnStop);

    public void Kill(int spawn) => Call("kill", spawn, OnKill);

    public void MeasureMemory(SupervisorCommand.MeasureMemory command) => Calls.Add($"measure {command.Spawn} {command.Limit}");

    public void Inspect(int spawn) => Calls.Add($"inspect {spawn}");

    public void Dispose() => Calls.Add("dispose");

    public void Crash(int spawn, int exitCode = 2) =>
        report(new SupervisorMessage.WorkerExited(spawn, ExitStatus.Exited(exitCode), []));

    public void FailToStart(int spawn) => report(new SupervisorMessage.WorkerStartFailed(spawn, "no such file"));

    public void SayAlive(int spawn) => report(new SupervisorMessage.WorkerIsAlive(spawn));

    private void Call(string what, int spawn, Action<int> effect)
    {
        Calls.Add($"{what} {spawn}");
        effect(spawn);
    }
}
