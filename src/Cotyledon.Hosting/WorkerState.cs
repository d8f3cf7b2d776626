namespace Cotyledon.Hosting;

/// <summary>What a slot (service and worker id) is doing.</summary>
public enum WorkerState
{
    /// <summary>Empty; waits until fewer processes are starting (<see cref="CotyledonOptions.MaxConcurrentStarts"/>).</summary>
    Pending,

    /// <summary>Empty after a crash; waits for its next start.</summary>
    BackingOff,

    /// <summary>Empty for good after too many crashes (<see cref="CotyledonWorkerOptions.MaxRestarts"/>).</summary>
    GivenUp,

    /// <summary>A process is started for it that has not said hello yet.</summary>
    Starting,

    /// <summary>The process knows its slot and starts the service.</summary>
    Assigned,

    /// <summary>The service works.</summary>
    Ready,

    /// <summary>The service's run method has returned; the worker stays until it is told to leave.</summary>
    Idle,

    /// <summary>The worker was asked to leave, or said that it leaves.</summary>
    Stopping,

    /// <summary>The process was sent SIGKILL and is not collected yet.</summary>
    Killed,
}
