namespace Cotyledon.Hosting.Supervision;

/// <summary>A worker process, from the command that starts it until its exit.</summary>
/// <remarks>
/// <code>
///              started    hello       ready   idle   leaving    to be stopped   deadline          exited
/// Starting     (pid)      Assigned*   -       -      Stopping   Killed**        Killed** (ready)  gone
/// Assigned     -          -           Ready   Idle   Stopping   Stopping        Killed (ready)    gone
/// Ready        -          -           -       Idle   Stopping   Stopping        Stopping (alive)  gone
/// Idle         -          -           -       -      Stopping   Stopping        Stopping (alive)  gone
/// Stopping     -          -           -       -      (reason)   -               Killed (stop)     gone
/// Killed       -          -           -       -      -          -               (stuck)           gone
/// </code>
/// "-" changes nothing, because the message has crossed a command. * A spare or a successor stays Starting until it has a slot; a process
/// that speaks another protocol, or that an operator kills, is Killed in each state before Stopping. ** Stopping, if it has sent its hello; a
/// successor that misses its deadline then may also wait for another one. A reload that exceeds the
/// graceful timeout, <c>MaxAge</c> and <c>MaxMemory</c> do not change the state, but request a planned replacement.
/// </remarks>
internal sealed class ProcessState(int spawn, Slot slot, TimeSpan startedAt) : IHasDeadline
{
    public int Spawn { get; } = spawn;

    /// <summary>The slot that the process has or will have. It changes when a spare is taken.</summary>
    public Slot Slot { get; set; } = slot;

    public TimeSpan StartedAt { get; } = startedAt;

    public WorkerState State { get; set; } = WorkerState.Starting;

    public int? ProcessId { get; set; }

    /// <summary>The time at which it was taken from the spares; <see langword="null"/> if it was not a spare.</summary>
    public TimeSpan? TakenAt { get; set; }

    /// <summary>The reload that was running at that time.</summary>
    public ReloadOperation? TakenDuring { get; set; }

    public TimeSpan? AssignedAt { get; set; }

    public TimeSpan? ReadyAt { get; set; }

    /// <summary>The time at which it sent its hello. From then on it can be assigned a worker id.</summary>
    public TimeSpan? HelloAt { get; set; }

    /// <summary>The value of <see cref="SupervisorState.ConfigurationVersion"/> when the process was started.</summary>
    public int StartedWith { get; init; }

    /// <summary>
    /// The value of <see cref="SupervisorState.ConfigurationVersion"/> when it was assigned its worker id and got the configuration.
    /// </summary>
    public int? AssignedWith { get; set; }

    /// <summary>The value of <see cref="SupervisorState.ValuesVersion"/> when it was assigned its worker id or last reloaded.</summary>
    public int ValuesVersion { get; set; }

    /// <summary>Whether its replacement was requested before it was stable.</summary>
    public bool IsReplacedEarly { get; set; }

    /// <summary>The settings with which it was started.</summary>
    public StartSettings Start { get; init; } = StartSettings.Inherited;

    /// <summary>The end of the ready timeout while it starts, of the graceful timeout while it reloads or stops, or of the exit timeout after SIGKILL.</summary>
    public TimeSpan? Deadline { get; set; }

    /// <summary>The timeout with which the last deadline was set. The options of the service may have changed since.</summary>
    public TimeSpan Timeout { get; set; }

    /// <summary>0 until it is assigned its worker id.</summary>
    public long Incarnation { get; set; }

    /// <summary>Whether it counts in <see cref="SupervisorState.Starting"/>.</summary>
    public bool HoldsStartPlace { get; set; }

    public bool SaidHello => HelloAt is not null;

    public bool IsOtherBuild { get; set; }

    /// <summary>Whether it is the new process of a planned replacement.</summary>
    public bool IsReplacement { get; set; }

    public ProcessReload Reload { get; } = new();

    public Departure Departure { get; } = new();

    public ProcessChecks Checks => field ??= new ProcessChecks(this);

    public bool Works => State is WorkerState.Ready or WorkerState.Idle;

    /// <summary>Whether it has not exited within <see cref="SupervisorSettings.ExitTimeout"/> after SIGKILL.</summary>
    public bool IsStuck { get; set; }

    public bool IsLeaving => State is WorkerState.Stopping or WorkerState.Killed;

    public WorkerIdentity Identity => new(Slot.Service.Name, Slot.WorkerId, Incarnation, ProcessId);
}

/// <summary>The in-place reload of a worker.</summary>
internal sealed class ProcessReload
{
    /// <summary>Whether a reload was requested before the worker was ready, so that it reloads as soon as it is.</summary>
    public bool IsNeeded { get; set; }

    public bool IsRunning { get; set; }

    /// <summary>The value of <see cref="SupervisorState.ValuesVersion"/> when it began.</summary>
    public int ValuesVersion { get; set; }
}

/// <summary>The exit of a worker, as far as it is known before.</summary>
internal sealed class Departure
{
    /// <summary>Whether the supervisor has told the worker to stop, so that its exit is not a failure.</summary>
    public bool IsRequested { get; set; }

    /// <summary>The reason, if the worker or the supervisor has given one.</summary>
    public WorkerExitReason? Reason { get; set; }

    public string? Detail { get; set; }
}

/// <summary>The periodic checks of a worker.</summary>
internal sealed class ProcessChecks(ProcessState process)
{
    public WorkerCheck Liveness => field ??= new WorkerCheck(process, WorkerCheckKind.Liveness);

    public WorkerCheck Age => field ??= new WorkerCheck(process, WorkerCheckKind.Age);

    public WorkerCheck Memory => field ??= new WorkerCheck(process, WorkerCheckKind.Memory);

    public WorkerCheck Replacement => field ??= new WorkerCheck(process, WorkerCheckKind.Replacement);

    /// <summary>The reason for a delayed replacement.</summary>
    public (WorkerExitReason Reason, string? Detail) ReplacementCause { get; set; }

    /// <summary>The number of liveness checks since the last heartbeat.</summary>
    public int SinceAlive { get; set; }
}
