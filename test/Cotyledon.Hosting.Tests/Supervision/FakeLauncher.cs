using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>Records the calls, starts no process, and runs the callbacks of the test instead of workers.</summary>
internal sealed class FakeLauncher(Action<SupervisorMessage> report) : IWorkerLauncher
{
    public List<string> Calls { get; } = [];

    /// <summary>The effect of a start; by default the worker connects at once.</summary>
    public Action<int> OnStart { get; set; } = spawn =>
    {
        report(new SupervisorMessage.WorkerStarted(spawn, 1000 + spawn));
        report(new SupervisorMessage.WorkerSaidHello(spawn));
    };

    public Action<int> OnAssign { get; set; } = spawn => report(new SupervisorMessage.WorkerBecameReady(spawn));

    /// <summary>The effect of a reload; by default the worker reloads at once.</summary>
    public Action<int> OnReload { get; set; } = spawn => report(new SupervisorMessage.WorkerReloaded(spawn));

    /// <summary>The effect of a stop; by default the worker exits at once.</summary>
    public Action<int> OnStop { get; set; } = spawn =>
        report(new SupervisorMessage.WorkerExited(spawn, ExitStatus.Exited(0), []));

    public Action<int> OnKill { get; set; } = spawn =>
        report(new SupervisorMessage.WorkerExited(spawn, ExitStatus.Signaled(9), []));

    public void Start(SupervisorCommand.StartWorker command) => Call("start", command.Spawn, OnStart);

    public void Assign(int spawn, WorkerAssignment assignment) => Call("assign", spawn, OnAssign);

    public void Update(SupervisorCommand.UpdateWorker command) => Calls.Add($"update {command.Spawn} {command.WorkerCount}");

    public void ExtendLease(long end) => Calls.Add($"extend {end}");

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

    public void ReportAlive(int spawn) => report(new SupervisorMessage.WorkerIsAlive(spawn));

    private void Call(string name, int spawn, Action<int> effect)
    {
        Calls.Add($"{name} {spawn}");
        effect(spawn);
    }
}
