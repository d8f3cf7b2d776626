namespace Cotyledon.Hosting;

/// <summary>What happened to a worker.</summary>
public enum WorkerEventKind
{
    /// <summary>A process was started for the slot.</summary>
    Started,

    /// <summary>The process was given the slot.</summary>
    Assigned,

    /// <summary>The service works.</summary>
    Ready,

    /// <summary>The service's run method has returned.</summary>
    Idle,

    /// <summary>The worker was asked to leave, or said that it leaves.</summary>
    Stopping,

    /// <summary>The worker was sent SIGKILL.</summary>
    Killed,

    /// <summary>The worker is gone.</summary>
    Exited,

    /// <summary>The slot stays empty after too many crashes.</summary>
    GaveUp,
}
