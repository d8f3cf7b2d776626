using Cotyledon.Hosting.Supervision;
using static Cotyledon.Hosting.Supervision.SupervisorCommand;
using static Cotyledon.Hosting.Supervision.SupervisorMessage;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>
/// A supervisor of one service whose processes complete each command at once. The replies are queued in the order of the
/// commands, and nothing is searched: the measured time is that of the decisions.
/// </summary>
internal sealed class Simulation(ServiceSettings settings)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMicroseconds(100);

    private readonly Queue<SupervisorMessage> _inbox = new();
    private readonly List<SupervisorCommand> _commands = [];
    private TimeSpan _now;

    public SupervisorState State { get; } = new(Master.Defaults, [settings]);

    public ServiceState Service => State.Services[0];

    public int Messages { get; private set; }

    /// <summary>The answer to the last reload.</summary>
    public CompleteReload? Answered { get; private set; }

    /// <summary>Whether every start fails.</summary>
    public bool StartsFail { get; set; }

    public static Simulation Started(ServiceSettings settings)
    {
        var simulation = new Simulation(settings);
        simulation.Run(new SupervisorStarted());
        return simulation;
    }

    /// <summary>Handles a message and all messages that follow from it.</summary>
    public void Run(SupervisorMessage message)
    {
        _inbox.Enqueue(message);
        while (_inbox.TryDequeue(out var next))
        {
            Handle(next);
        }
    }

    /// <summary>Lets time pass to one deadline after the other, until none is left.</summary>
    public void RunAllDeadlines()
    {
        while (State.NextDeadline is { } deadline)
        {
            _now = deadline > _now ? deadline : _now;
            Run(new TimePassed());
        }
    }

    public void Crash(int workerId) =>
        Run(new WorkerExited(Service.Slots[workerId].Process!.Spawn, ExitStatus.Signaled(11), []));

    private void Handle(SupervisorMessage message)
    {
        Messages++;
        _now += Tick;
        _commands.Clear();
        Decide.Next(State, message, _now, _commands);
        foreach (var command in _commands)
        {
            Answer(command);
        }

        // The loop reads it after each message too, which removes stale deadlines.
        _ = State.NextDeadline;
    }

    private void Answer(SupervisorCommand command)
    {
        switch (command)
        {
            case StartWorker start when StartsFail:
                _inbox.Enqueue(new WorkerStartFailed(start.Spawn, "no such file"));
                break;
            case StartWorker start:
                _inbox.Enqueue(new WorkerStarted(start.Spawn, 1000 + start.Spawn));
                _inbox.Enqueue(new WorkerSaidHello(start.Spawn));
                break;
            case AssignWorker assign:
                _inbox.Enqueue(new WorkerBecameReady(assign.Spawn));
                break;
            case ReloadWorker reload:
                _inbox.Enqueue(new WorkerReloaded(reload.Spawn));
                break;
            case StopWorker stop:
                _inbox.Enqueue(new WorkerExited(stop.Spawn, ExitStatus.Exited(0), []));
                break;
            case KillWorker kill:
                _inbox.Enqueue(new WorkerExited(kill.Spawn, ExitStatus.Signaled(9), []));
                break;
            case CompleteReload complete:
                Answered = complete;
                break;
            case RunTerminateHooks:
                _inbox.Enqueue(new TerminateHooksCompleted());
                break;
        }
    }
}
