namespace Cotyledon.Hosting.Supervision;

/// <summary>The place of one worker id of a service. It has at most one process, and keeps its counters from process to process.</summary>
internal sealed class Slot(ServiceState service, int workerId) : IHasDeadline
{
    public ServiceState Service { get; } = service;

    public int WorkerId { get; } = workerId;

    public WorkerProcess? Process { get; set; }

    /// <summary>The process that will take the slot when the present process has exited.</summary>
    public WorkerProcess? Successor { get; set; }

    /// <summary>The successor if it can still take the slot: it has not failed and was not told to stop.</summary>
    public WorkerProcess? EligibleSuccessor => Successor is { IsUnwanted: false, State: WorkerState.Starting } successor ? successor : null;

    /// <summary>The time at which the empty slot may be filled again; <see langword="null"/> for immediately.</summary>
    public TimeSpan? Deadline { get; set; }

    public long Incarnation { get; set; }

    public int Restarts { get; set; }

    /// <summary>The number of consecutive replacements that were requested before the worker was stable.</summary>
    public int EarlyReplacements { get; set; }

    /// <summary>The number of failures without a stable time in between.</summary>
    public int FailuresInRow { get; set; }

    /// <summary>The number of consecutive processes that exited before they were ready.</summary>
    public int FailedStarts { get; set; }

    /// <summary>The time and the reason of the exit since which the slot has had no ready worker.</summary>
    public (TimeSpan Since, WorkerExitReason Reason)? Outage { get; set; }

    public RestartWindow RestartWindow { get; } = new();

    public bool IsGivenUp { get; set; }

    /// <summary>Whether it is in <see cref="SupervisorState.StartQueue"/>.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether the next process has to wait for hooks.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Whether a planned replacement of its worker is pending.</summary>
    public bool WantsReplacement { get; set; }

    /// <summary>The reason for the planned replacement.</summary>
    public WorkerExitReason ReplacementReason { get; set; }

    public string? ReplacementDetail { get; set; }

    /// <summary>The reload that waits for this slot.</summary>
    public ReloadOperation? Operation { get; set; }

    public WorkerExit? LastExit { get; set; }

    public bool IsInTarget => WorkerId < Service.Target;

    // The share of this slot in the counters of the service, so that Count can update them.
    public bool CountsAsReady { get; set; }

    public bool CountsAsUnsettled { get; set; }

    public WorkerState State =>
        Process?.State
        ?? (IsGivenUp ? WorkerState.GivenUp : Deadline is null ? WorkerState.Pending : WorkerState.BackingOff);
}
