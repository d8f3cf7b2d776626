namespace Cotyledon.Hosting;

/// <summary>Specifies the state of a worker id of a service.</summary>
public enum WorkerState
{
    /// <summary>There is no process. Its start waits, because <see cref="CotyledonOptions.MaxConcurrentStarts"/> is reached, or for a hook.</summary>
    Pending = 0,

    /// <summary>There is no process after a crash. The next start follows after a delay.</summary>
    BackingOff = 1,

    /// <summary>There is no process, and none is started, after too many crashes (<see cref="CotyledonWorkerOptions.MaxRestarts"/>).</summary>
    GivenUp = 2,

    /// <summary>A process was started that has not connected yet.</summary>
    Starting = 3,

    /// <summary>The process has been assigned the worker id and starts the service.</summary>
    Assigned = 4,

    /// <summary>The service has started.</summary>
    Ready = 5,

    /// <summary>The run method of the service has returned. The worker is idle until it is stopped.</summary>
    Idle = 6,

    /// <summary>The worker is stopping: the master told it to, or it said so itself.</summary>
    Stopping = 7,

    /// <summary>The process was sent SIGKILL and has not exited yet.</summary>
    Killed = 8,

    /// <summary>
    /// There is no process here: the service has <see cref="WorkerScope.Cluster"/>, and another machine holds the worker id, or none does.
    /// </summary>
    Standby = 9,
}
