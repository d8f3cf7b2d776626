using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>A supervisor without a loop: messages go in, commands come out, and the test controls the time.</summary>
internal sealed class Master(SupervisorSettings settings, params ServiceSettings[] services)
{
    public static readonly ServiceSettings Poller = new() { Name = "Poller" };
    public static readonly ServiceSettings Sender = new() { Name = "Sender" };
    public static readonly SupervisorSettings Defaults = new(HookTimeout: TimeSpan.FromSeconds(10), MaxConcurrentStarts: 100);

    private Invariants? _invariants;

    public Master(params ServiceSettings[] services)
        : this(Defaults, services)
    {
    }

    public SupervisorState State { get; private init; } = new(settings, services, seed: 1);

    /// <summary>Whether replacement hooks are registered.</summary>
    public bool HasReplacementHooks
    {
        init => State = new(settings, services, seed: 1) { HasReplacementHooks = value };
    }

    public TimeSpan Now { get; private set; }

    /// <summary>Whether the invariants are checked after each message; the cost grows with the number of slots.</summary>
    public bool ChecksInvariants { get; init; } = true;

    /// <summary>Whether workers send a heartbeat whenever time passes.</summary>
    public bool AreAlive { get; set; } = true;

    /// <summary>The service manager that receives notifications.</summary>
    public ServiceManager? Manager { get; init; }

    /// <summary>The commands that the last message produced.</summary>
    public IReadOnlyList<SupervisorCommand> Commands { get; private set; } = [];

    /// <summary>The commands that all messages produced.</summary>
    public List<SupervisorCommand> AllCommands { get; } = [];

    public ServiceState Service => State.Services[0];

    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    public Slot Slot(int workerId, int service = 0) => State.Services[service].Slots[workerId];

    /// <summary>The process in a slot, which must have one.</summary>
    public ProcessState Worker(int workerId = 0, int service = 0) =>
        Slot(workerId, service).Process ?? throw new AssertionException($"Slot {workerId} is empty.");

    /// <summary>The successor of a slot, which must have one.</summary>
    public ProcessState Successor(int workerId = 0, int service = 0) =>
        Slot(workerId, service).Successor ?? throw new AssertionException($"Slot {workerId} has no successor.");

    /// <summary>The ids of a service's slots that hold a process, in their order.</summary>
    public IEnumerable<int> HeldSlots(int service = 0) =>
        State.Services[service].Slots.Where(s => s.Process is not null).Select(s => s.WorkerId);

    public IReadOnlyList<SupervisorCommand> Send(SupervisorMessage message)
    {
        List<SupervisorCommand> commands = [];
        Commands = commands;
        Decide.Next(State, message, Now, commands);
        AllCommands.AddRange(commands);
        if (ChecksInvariants)
        {
            _invariants ??= new Invariants(State);
            _invariants.Check(message, Now, commands);
        }

        return commands;
    }

    /// <summary>Lets time pass, and sends one <see cref="SupervisorMessage.TimePassed"/> at the end.</summary>
    public IReadOnlyList<SupervisorCommand> Advance(TimeSpan time)
    {
        Now += time;
        if (AreAlive)
        {
            State.Processes.Values.Where(p => p.Checks.Liveness.Deadline is not null).ToList().ForEach(p => Alive(p));
        }

        return Send(new SupervisorMessage.TimePassed());
    }

    public IReadOnlyList<SupervisorCommand> AdvanceToNextDeadline() =>
        Advance(State.NextDeadline is { } deadline && deadline > Now ? deadline - Now : TimeSpan.Zero);

    public IReadOnlyList<SupervisorCommand> Start() => Send(new SupervisorMessage.SupervisorStarted(Manager));

    /// <summary>Lets the back-off of a slot pass, and lets its new worker become ready.</summary>
    public void Recover(int workerId = 0)
    {
        if (Slot(workerId).Deadline is { } deadline)
        {
            Advance(deadline - Now);
        }

        Settle();
    }

    /// <summary>Starts, and lets all workers become ready.</summary>
    public Master StartAndSettle()
    {
        Start();
        Settle();
        return this;
    }

    /// <summary>Completes all pending steps of all processes. Waits for no deadline.</summary>
    public void Settle()
    {
        var rounds = 0;
        while (State.Processes.Values.OrderBy(p => p.Spawn).ToList().ConvertAll(TakeNextStep).Contains(true)
            || (!State.HasStopped && State.Held.Keys.ToList().ConvertAll(ReplacementHooksCompleted).Count > 0))
        {
            Assert.That(++rounds, Is.LessThan(10_000), "the processes do not settle");
        }
    }

    /// <summary>Calls <see cref="Settle"/>, and lets time pass until no deadline is pending.</summary>
    public void SettleAndWait()
    {
        Settle();
        while (State.NextDeadline is not null)
        {
            AdvanceToNextDeadline();
            Settle();
        }
    }

    /// <summary>Lets a process take its next step. Returns whether there was one.</summary>
    public bool TakeNextStep(ProcessState process)
    {
        switch (process.State)
        {
            case var _ when State.HasStopped:
                return false;
            case WorkerState.Starting when State.Phase == SupervisorPhase.Running && !process.SaidHello:
                Started(process);
                Hello(process);
                return true;
            case WorkerState.Assigned:
                Ready(process);
                return true;
            case WorkerState.Ready or WorkerState.Idle when process.Reload.IsRunning:
                Reloaded(process);
                return true;
            case WorkerState.Stopping:
                Exit(process, 0);
                return true;
            case WorkerState.Killed:
                Exit(process, ExitStatus.Signaled(9));
                return true;
            default:
                return false;
        }
    }

    public IReadOnlyList<SupervisorCommand> Started(ProcessState process) =>
        Send(new SupervisorMessage.WorkerStarted(process.Spawn, 1000 + process.Spawn));

    public IReadOnlyList<SupervisorCommand> StartFailed(ProcessState process, string error = "no such file") =>
        Send(new SupervisorMessage.WorkerStartFailed(process.Spawn, error));

    public IReadOnlyList<SupervisorCommand> Hello(ProcessState process) =>
        Send(new SupervisorMessage.WorkerSaidHello(process.Spawn));

    public IReadOnlyList<SupervisorCommand> BreakProtocol(ProcessState process, string detail) =>
        Send(new SupervisorMessage.WorkerBrokeProtocol(process.Spawn, detail));

    public IReadOnlyList<SupervisorCommand> Ready(ProcessState process) =>
        Send(new SupervisorMessage.WorkerBecameReady(process.Spawn));

    public IReadOnlyList<SupervisorCommand> Idle(ProcessState process) =>
        Send(new SupervisorMessage.WorkerBecameIdle(process.Spawn));

    public IReadOnlyList<SupervisorCommand> Leaving(ProcessState process, WorkerExitReason reason, string? detail = null) =>
        Send(new SupervisorMessage.WorkerIsLeaving(process.Spawn, reason, detail));

    public IReadOnlyList<SupervisorCommand> Alive(ProcessState process) =>
        Send(new SupervisorMessage.WorkerIsAlive(process.Spawn));

    public IReadOnlyList<SupervisorCommand> ReportMemory(ProcessState process, long bytes) =>
        Send(new SupervisorMessage.WorkerMemoryMeasured(process.Spawn, bytes));

    public IReadOnlyList<SupervisorCommand> AskForReplacement(ProcessState process) =>
        Send(new SupervisorMessage.WorkerAskedForReplacement(process.Spawn));

    public IReadOnlyList<SupervisorCommand> CannotReload(ProcessState process) =>
        Send(new SupervisorMessage.WorkerCannotReload(process.Spawn));

    public IReadOnlyList<SupervisorCommand> Reloaded(ProcessState process) =>
        Send(new SupervisorMessage.WorkerReloaded(process.Spawn));

    public IReadOnlyList<SupervisorCommand> Exit(ProcessState process, int code) => Exit(process, ExitStatus.Exited(code));

    public IReadOnlyList<SupervisorCommand> Exit(ProcessState process, ExitStatus status) =>
        Send(new SupervisorMessage.WorkerExited(process.Spawn, status, []));

    public IReadOnlyList<SupervisorCommand> Scale(int workers, int? request = null, int service = 0) =>
        Send(new SupervisorMessage.ScaleRequested(State.Services[service].Name, workers, request));

    /// <summary>Requests a reload of all services without a changed value, as SIGHUP does, with this method in their options.</summary>
    public IReadOnlyList<SupervisorCommand> Reload(int request = 1, ReloadMethod? method = null)
    {
        State.Services.ForEach(s => s.Settings = s.Settings with { ReloadMethod = method ?? s.Settings.ReloadMethod });
        Send(new SupervisorMessage.SettingsChanged(State.Settings, [.. State.Services.Select(s => s.Settings)], HasChangedValues: false));
        return ReloadServices(request);
    }

    /// <summary>Requests the reload that follows accepted settings.</summary>
    public IReadOnlyList<SupervisorCommand> ReloadServices(int request = 1) =>
        Send(new SupervisorMessage.ReloadRequested(request, new ReloadAction.ReloadServices()));

    public IReadOnlyList<SupervisorCommand> Restart(int request = 1, int service = 0) =>
        Send(new SupervisorMessage.ReloadRequested(request, new ReloadAction.RestartService(State.Services[service].Name)));

    public IReadOnlyList<SupervisorCommand> Stop(int exitCode = 0) => Send(new SupervisorMessage.StopRequested(exitCode));

    public IReadOnlyList<SupervisorCommand> HooksCompleted() => Send(new SupervisorMessage.TerminateHooksCompleted());

    public IReadOnlyList<SupervisorCommand> ReplacementHooksCompleted(int spawn) =>
        Send(new SupervisorMessage.ReplacementHooksCompleted(spawn));

    public IReadOnlyList<SupervisorCommand> FastStop() => Send(new SupervisorMessage.FastStopRequested());
}
