namespace Cotyledon.Hosting.Supervision;

/// <summary>The place (service, worker id). It holds one process at most, and remembers between processes.</summary>
internal sealed class Slot(ServiceState service, int workerId) : IHasDeadline
{
    public ServiceState Service { get; } = service;

    public int WorkerId { get; } = workerId;

    public WorkerProcess? Process { get; set; }

    /// <summary>The process that is to take the slot when the present one has left.</summary>
    public WorkerProcess? Successor { get; set; }

    /// <summary>The successor, as long as it can take the slot: it may fail before, or be told to leave.</summary>
    public WorkerProcess? EligibleSuccessor => Successor is { IsUnwanted: false, State: WorkerState.Starting } successor ? successor : null;

    /// <summary>While it is empty: when it may be filled again. <see langword="null"/> means at once.</summary>
    public TimeSpan? Deadline { get; set; }

    public long Incarnation { get; set; }

    public int Restarts { get; set; }

    /// <summary>Replacements in a row that were wanted for a worker before it was stable.</summary>
    public int EarlyReplacements { get; set; }

    /// <summary>Failures without a stable time between them.</summary>
    public int FailuresInRow { get; set; }

    /// <summary>Processes in a row that left before they worked.</summary>
    public int FailedStarts { get; set; }

    /// <summary>While it is to be filled again: since when it has no worker, and why.</summary>
    public (TimeSpan Since, WorkerExitReason Reason)? Outage { get; set; }

    public RestartWindow RestartWindow { get; } = new();

    public bool IsGivenUp { get; set; }

    /// <summary>Whether it stands in the queue for a place to start.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether hooks run that come before the next process.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Whether its worker is to be replaced as soon as the service can spare it.</summary>
    public bool WantsReplacement { get; set; }

    /// <summary>Why it is to be replaced.</summary>
    public WorkerExitReason ReplacementReason { get; set; }

    public string? ReplacementDetail { get; set; }

    /// <summary>The reload that waits for this slot.</summary>
    public ReloadOperation? Operation { get; set; }

    public WorkerExit? LastExit { get; set; }

    public bool IsInTarget => WorkerId < Service.Target;

    // What the counters of the service hold of this slot at present.
    public bool CountsAsReady { get; set; }

    public bool CountsAsUnsettled { get; set; }

    public WorkerState State =>
        Process?.State
        ?? (IsGivenUp ? WorkerState.GivenUp : Deadline is null ? WorkerState.Pending : WorkerState.BackingOff);
}
