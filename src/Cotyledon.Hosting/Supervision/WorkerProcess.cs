namespace Cotyledon.Hosting.Supervision;

/// <summary>One started process, from the command to start it until its exit is collected.</summary>
/// <remarks>
/// <code>
///              started    hello       ready   idle   leaving    stop wanted   deadline          exited
/// Starting     (pid)      Assigned*   -       -      Stopping   Killed        Killed (ready)    gone
/// Assigned     -          -           Ready   Idle   Stopping   Stopping      Killed (ready)    gone
/// Ready        -          -           -       Idle   Stopping   Stopping      Stopping (alive)  gone
/// Idle         -          -           -       -      Stopping   Stopping      Stopping (alive)  gone
/// Stopping     -          -           -       -      (reason)   -             Killed (stop)     gone
/// Killed       -          -           -       -      (reason)   -             -                 gone
/// </code>
/// * or Killed, where it speaks another protocol; a successor stays Starting until it takes its slot. "-" changes nothing: the
/// message crossed with a command. A reload that takes too long, too much age or memory make the worker one to be replaced.
/// </remarks>
internal sealed class WorkerProcess(int spawn, Slot slot, TimeSpan startedAt) : IHasDeadline
{
    public int Spawn { get; } = spawn;

    /// <summary>The slot that it holds, or is to have. A spare gets another one.</summary>
    public Slot Slot { get; set; } = slot;

    public TimeSpan StartedAt { get; } = startedAt;

    public WorkerState State { get; set; } = WorkerState.Starting;

    public int? ProcessId { get; set; }

    /// <summary>When it was taken from the spares, if it was one.</summary>
    public TimeSpan? TakenAt { get; set; }

    /// <summary>The reload that went on then.</summary>
    public ReloadOperation? TakenDuring { get; set; }

    public TimeSpan? AssignedAt { get; set; }

    public TimeSpan? ReadyAt { get; set; }

    /// <summary>When it said hello: from then on it can be given a slot.</summary>
    public TimeSpan? HelloAt { get; set; }

    /// <summary>How many configurations had been accepted when the process was started.</summary>
    public int StartedWith { get; init; }

    /// <summary>How many configurations had been accepted when it was given its slot, and with it the last of them.</summary>
    public int? AssignedWith { get; set; }

    /// <summary>The ready timeout while it starts, the graceful timeout while it reloads or stops.</summary>
    public TimeSpan? Deadline { get; set; }

    /// <summary>0 until it was given its slot.</summary>
    public long Incarnation { get; set; }

    /// <summary>Whether it counts as being on its way to hello.</summary>
    public bool HoldsStartPlace { get; set; }

    public bool SaidHello => HelloAt is not null;

    /// <summary>Whether it was started from other files than the master.</summary>
    public bool IsOtherBuild { get; set; }

    /// <summary>Whether it took the slot of another one on purpose.</summary>
    public bool IsReplacement { get; set; }

    /// <summary>Whether the configuration has changed since it was started, and it is to reload as soon as it works.</summary>
    public bool NeedsReload { get; set; }

    /// <summary>Whether it was told to reload and has not answered.</summary>
    public bool IsReloading { get; set; }

    /// <summary>Whether the supervisor asked it to leave, so that its exit is no failure.</summary>
    public bool IsUnwanted { get; set; }

    /// <summary>Why it is going to leave, as far as anybody has said.</summary>
    public WorkerExitReason? Leaving { get; set; }

    public string? LeavingDetail { get; set; }

    public WorkerCheck Liveness => field ??= new WorkerCheck(this, WorkerCheckKind.Liveness);

    public WorkerCheck Age => field ??= new WorkerCheck(this, WorkerCheckKind.Age);

    public WorkerCheck Memory => field ??= new WorkerCheck(this, WorkerCheckKind.Memory);

    public WorkerCheck Replacement => field ??= new WorkerCheck(this, WorkerCheckKind.Replacement);

    /// <summary>Why it is to be replaced when it has waited for that.</summary>
    public (WorkerExitReason Reason, string? Detail) ReplacementCause { get; set; }

    /// <summary>How often it was looked whether it is alive since it said so last.</summary>
    public int LooksSinceAlive { get; set; }

    public bool Works => State is WorkerState.Ready or WorkerState.Idle;

    public bool IsOnItsWayOut => State is WorkerState.Stopping or WorkerState.Killed;

    public WorkerIdentity Identity => new(Slot.Service.Name, Slot.WorkerId, Incarnation, ProcessId);
}
