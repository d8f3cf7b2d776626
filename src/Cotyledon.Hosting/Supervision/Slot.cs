namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// The place of one worker id of a service. At most one process has the worker id at a time. The slot keeps its counters from process to process.
/// </summary>
internal sealed class Slot(ServiceState service, int workerId) : IHasDeadline
{
    public ServiceState Service { get; } = service;

    public int WorkerId { get; } = workerId;

    public ProcessState? Process { get; set; }

    /// <summary>The process that will take the slot when the present process has exited.</summary>
    public ProcessState? Successor { get; set; }

    /// <summary>The successor if it can still take the slot: it has not failed and was not told to stop.</summary>
    public ProcessState? EligibleSuccessor => Successor is { Departure.IsRequested: false, State: WorkerState.Starting } successor ? successor : null;

    /// <summary>The time at which the empty slot may be filled again; <see langword="null"/> for immediately.</summary>
    public TimeSpan? Deadline { get; set; }

    public long Incarnation { get; set; }

    public SlotFailures Failures { get; } = new();

    public PlannedReplacement Replacement { get; } = new();

    public bool IsGivenUp { get; set; }

    /// <summary>Whether it was given up and is tried again. Until its worker is ready, it still does not count as unavailable.</summary>
    public bool IsRetried { get; set; }

    /// <summary>Whether it is in <see cref="SupervisorState.StartQueue"/>.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether the next process has to wait for hooks.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The reload that waits for this slot.</summary>
    public ReloadOperation? Operation { get; set; }

    public WorkerExit? LastExit { get; set; }

    /// <summary>The permission of the cluster to run the worker id here; <see langword="null"/> without one, and for services of one program.</summary>
    public SlotGrant? Grant { get; set; }

    public bool IsInTarget => Service.IsOfCluster ? Grant is { IsRevoked: false } : WorkerId < Service.Target;

    /// <summary>Whether it is shown: it belongs to the target or to the cluster, or has a process.</summary>
    public bool IsListed => IsInTarget || Process is not null || WorkerId < Service.WorkerCount;

    /// <summary>The share of this slot in the counters of its service. Only <see cref="ServiceState.Count"/> sets it.</summary>
    public (bool AsReady, bool AsUnsettled, bool AsRetried, bool AsStuck) Counted { get; set; }

    public WorkerState State =>
        Process?.State
        ?? (IsGivenUp ? WorkerState.GivenUp
            : Service.IsOfCluster && !IsInTarget ? WorkerState.Standby
            : Deadline is null ? WorkerState.Pending
            : WorkerState.BackingOff);
}

/// <summary>The permission of the cluster to run a worker id.</summary>
internal sealed class SlotGrant(long number, long lastIncarnation)
{
    public long Number { get; } = number;

    /// <summary>The last incarnation that may be used.</summary>
    public long LastIncarnation { get; } = lastIncarnation;

    public bool IsRevoked { get; set; }

    /// <summary>The reason for the exit of the worker after the grant was revoked, and the cause in words.</summary>
    public (WorkerExitReason Reason, string Cause) Revocation { get; set; }

    /// <summary>Whether SIGKILL did not end the process, so that the worker id is not vacant.</summary>
    public bool IsStuck { get; set; }
}

/// <summary>The history of failures of a slot.</summary>
internal sealed class SlotFailures
{
    public int Restarts { get; set; }

    /// <summary>The number of consecutive replacements that were requested before the worker was stable.</summary>
    public int EarlyReplacements { get; set; }

    /// <summary>The number of failures without a stable time in between.</summary>
    public int InRow { get; set; }

    /// <summary>The number of consecutive processes that exited before they were ready.</summary>
    public int FailedStarts { get; set; }

    /// <summary>The time and the reason of the exit since which the slot has had no ready worker.</summary>
    public (TimeSpan Since, WorkerExitReason Reason)? Outage { get; set; }

    public RestartWindow Window { get; } = new();
}

/// <summary>The planned replacement of the worker of a slot.</summary>
internal sealed class PlannedReplacement
{
    public bool IsWanted { get; set; }

    public WorkerExitReason Reason { get; set; }

    public string? Detail { get; set; }
}
