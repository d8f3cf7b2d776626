using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Benchmarks.Runner.Micro;

/// <summary>A supervisor's state without processes: all slots have a worker that is ready.</summary>
internal sealed class Fleet
{
    private readonly SupervisorState _state;
    private readonly List<SupervisorCommand> _commands = [];
    private TimeSpan _now;
    private int _next;

    public Fleet(int slots)
    {
        var service = new ServiceSettings { Name = "bench", Workers = slots };
        _state = new SupervisorState(new SupervisorSettings(TimeSpan.FromSeconds(10), MaxConcurrentStarts: slots), [service]);
        Send(new SupervisorMessage.SupervisorStarted());
        foreach (var process in _state.Processes.Values.ToList())
        {
            MakeReady(process.Spawn);
        }
    }

    public ProcessState ProcessIn(int slot) => _state.Services[0].Slots[slot].Process!;

    public IReadOnlyList<SupervisorCommand> Send(SupervisorMessage message)
    {
        _commands.Clear();
        Decide.Next(_state, message, _now, _commands);
        return _commands;
    }

    /// <summary>A worker crashes after a stable time and is started again; the next call takes the next slot.</summary>
    /// <returns>The new process.</returns>
    public int Respawn()
    {
        _now += TimeSpan.FromMinutes(1);
        var slot = _next++ % _state.Services[0].Slots.Count;
        Send(new SupervisorMessage.WorkerExited(ProcessIn(slot).Spawn, ExitStatus.Signaled(9), []));
        var spawn = _state.LastSpawn;
        MakeReady(spawn);
        Send(new SupervisorMessage.TimePassed());
        return spawn;
    }

    private void MakeReady(int spawn)
    {
        Send(new SupervisorMessage.WorkerStarted(spawn, ProcessId: 1000 + spawn));
        Send(new SupervisorMessage.WorkerSaidHello(spawn));
        Send(new SupervisorMessage.WorkerBecameReady(spawn));
    }
}
