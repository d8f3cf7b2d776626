namespace Cotyledon.Hosting;

/// <summary>Specifies why a worker exited.</summary>
public enum WorkerExitReason
{
    /// <summary>The master stopped it: the program stops, or the service has fewer workers now.</summary>
    Stopped = 0,

    /// <summary>The master replaced it for a reload, a rolling restart, or a call of <see cref="IWorkerContext.RequestRestart"/>.</summary>
    Replaced = 1,

    /// <summary>Another process sent it SIGTERM, and it stopped gracefully.</summary>
    Terminated = 2,

    /// <summary>It exited by itself: <c>Environment.Exit</c>, <see cref="WorkerExitException"/>, or its host was stopped.</summary>
    Exited = 3,

    /// <summary>The constructor, the start, the run, the reload or the stop of the service threw an exception.</summary>
    Faulted = 4,

    /// <summary>A signal ended it: SIGKILL by another process, SIGSEGV, or SIGABRT after a failure of the runtime.</summary>
    Signaled = 5,

    /// <summary>It did not stop within its graceful timeout. It exited with code 1, or was killed.</summary>
    StopTimeout = 6,

    /// <summary>The program was stopped at once, for example by a second SIGINT, and the worker was killed.</summary>
    FastStop = 7,

    /// <summary>It did not become ready within its ready timeout and was killed.</summary>
    ReadyTimeout = 8,

    /// <summary>The process could not be started.</summary>
    StartFailed = 9,

    /// <summary>It does not speak the protocol of the master, for example because the program was replaced on disk by another version.</summary>
    ProtocolMismatch = 10,

    /// <summary>It missed its liveness deadline and was stopped, or killed if it did not stop. Counts as a crash.</summary>
    LivenessTimeout = 11,

    /// <summary>It was replaced because it had reached <see cref="CotyledonWorkerOptions.MaxAge"/>.</summary>
    MaxAge = 12,

    /// <summary>It was replaced because it had reached <see cref="CotyledonWorkerOptions.MaxMemory"/>.</summary>
    MaxMemory = 13,

    /// <summary>It was killed by a call of <see cref="ICotyledonManager.KillAsync"/>. Counts as a crash, unless the worker was being stopped.</summary>
    Killed = 14,

    /// <summary>
    /// The lease of the cluster was about to end, because its store could not be reached or the machine was paused, so the worker stopped or was killed
    /// before another machine starts one (<see cref="WorkerScope.Cluster"/>).
    /// </summary>
    LeaseEnded = 15,
}
