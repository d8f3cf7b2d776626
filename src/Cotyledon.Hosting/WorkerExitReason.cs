namespace Cotyledon.Hosting;

/// <summary>Why a worker left.</summary>
public enum WorkerExitReason
{
    /// <summary>The master asked it to: shutdown, or fewer workers.</summary>
    Stopped,

    /// <summary>The master replaced it on purpose.</summary>
    Replaced,

    /// <summary>It was sent SIGTERM by somebody else and left gracefully.</summary>
    Terminated,

    /// <summary>It ended by itself: <c>Environment.Exit</c>, <see cref="WorkerExitException"/>, the host was stopped.</summary>
    Exited,

    /// <summary>An exception that nobody handled: constructor, start, run, reload or terminate.</summary>
    Faulted,

    /// <summary>A signal ended it: SIGKILL from somebody else, SIGSEGV, SIGABRT of a failed runtime.</summary>
    Signaled,

    /// <summary>It did not stop within its graceful timeout and was ended.</summary>
    StopTimeout,

    /// <summary>The program was stopped at once (a second SIGINT), and the worker killed.</summary>
    FastStop,

    /// <summary>It did not become ready within its ready timeout and was killed.</summary>
    ReadyTimeout,

    /// <summary>The process could not be started.</summary>
    StartFailed,

    /// <summary>It speaks another version of the protocol between master and worker: the program was exchanged on disk.</summary>
    ProtocolMismatch,

    /// <summary>
    /// It had not said that it is alive for its liveness timeout, and was stopped, or killed where it did not stop. Counts as a
    /// crash.
    /// </summary>
    LivenessTimeout,

    /// <summary>It was replaced because of its age.</summary>
    MaxAge,

    /// <summary>It was replaced because of the memory that it used.</summary>
    MaxMemory,
}
