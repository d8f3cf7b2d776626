namespace Cotyledon.Hosting;

/// <summary>Specifies the kind of a <see cref="WorkerEvent"/>.</summary>
public enum WorkerEventKind
{
    /// <summary>A process was started.</summary>
    Started = 0,

    /// <summary>The process was assigned its worker id.</summary>
    Assigned = 1,

    /// <summary>The worker is ready: its service has started.</summary>
    Ready = 2,

    /// <summary>The worker is idle: the run method of its service has returned.</summary>
    Idle = 3,

    /// <summary>The worker is stopping: the master told it to, or it said so itself.</summary>
    Stopping = 4,

    /// <summary>The worker was sent SIGKILL.</summary>
    Killed = 5,

    /// <summary>The worker has exited.</summary>
    Exited = 6,

    /// <summary>The worker has crashed too often and is not restarted.</summary>
    GaveUp = 7,
}
