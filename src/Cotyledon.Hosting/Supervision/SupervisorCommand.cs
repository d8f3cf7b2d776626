namespace Cotyledon.Hosting.Supervision;

/// <summary>Everything that can be done. No command waits; what comes of it comes back as a message.</summary>
internal abstract record SupervisorCommand
{
    private SupervisorCommand()
    {
    }

    /// <summary>Start a process that may get this slot. Answered by WorkerStarted or WorkerStartFailed.</summary>
    public sealed record StartWorker(int Spawn, string Service, int WorkerId, StartSettings Settings) : SupervisorCommand;

    /// <summary>Give a process that said hello its slot.</summary>
    public sealed record AssignWorker(int Spawn, WorkerAssignment Assignment) : SupervisorCommand;

    /// <summary>Tell a worker what has changed for it.</summary>
    public sealed record UpdateWorker(int Spawn, int WorkerCount, TimeSpan GracefulTimeout, TimeSpan LivenessTimeout)
        : SupervisorCommand;

    /// <summary>Send a worker the configuration, which has changed in a way that its service does not reload for.</summary>
    public sealed record PublishConfiguration(int Spawn) : SupervisorCommand;

    /// <summary>Have a worker reload in place. Answered by WorkerReloaded or WorkerAskedForReplacement.</summary>
    public sealed record ReloadWorker(int Spawn) : SupervisorCommand;

    /// <summary>Ask a process gracefully.</summary>
    public sealed record StopWorker(int Spawn) : SupervisorCommand;

    /// <summary>End a process at once, or keep it from being started where it is not started yet.</summary>
    public sealed record KillWorker(int Spawn) : SupervisorCommand;

    /// <summary>Find out whether it uses more than that. Answered by WorkerMemoryMeasured.</summary>
    public sealed record MeasureMemory(int Spawn, long Limit) : SupervisorCommand;

    /// <summary>Find out what a process that does not answer is doing. Answered by WorkerInspected.</summary>
    public sealed record InspectWorker(int Spawn) : SupervisorCommand;

    public sealed record RunTerminateHooks : SupervisorCommand;

    /// <summary>Run the hooks that come before the replacement of a process. Answered by ReplacementHooksCompleted.</summary>
    public sealed record RunReplacementHooks(int Spawn, WorkerExit Exit) : SupervisorCommand;

    /// <param name="Kind">What happened.</param>
    /// <param name="Worker">To whom.</param>
    /// <param name="Detail">What else is known, for the log.</param>
    /// <param name="Start">When it works for the first time: how it came to that.</param>
    public sealed record Publish(
        WorkerEventKind Kind, WorkerIdentity Worker, string? Detail = null, WorkerStart? Start = null) : SupervisorCommand;

    /// <summary>A worker is gone: log it, tell watchers, run the hooks.</summary>
    /// <param name="Exit">How it left.</param>
    /// <param name="FailedStart">Where it never worked, and nobody had asked it to leave.</param>
    public sealed record RecordExit(WorkerExit Exit, WorkerStart? FailedStart = null) : SupervisorCommand;

    public sealed record RecordGiveUp(WorkerExit Exit, GiveUpAction Action) : SupervisorCommand;

    public sealed record RecordResize(string Service, int From, int To) : SupervisorCommand;

    /// <summary>All services have what they are to have, for the first time.</summary>
    public sealed record AnnounceReady : SupervisorCommand;

    /// <summary>Tell the service manager.</summary>
    public sealed record Notify(Notice Notice) : SupervisorCommand;

    /// <summary>Planned replacements of a service are given up; the workers stay as they are.</summary>
    public sealed record RecordAbortedReplacements(string Service, int Count, string Cause) : SupervisorCommand;

    /// <summary>A worker is to be replaced, but not at once.</summary>
    public sealed record RecordDelayedReplacement(WorkerIdentity Worker, string Detail) : SupervisorCommand;

    /// <summary>A worker runs another build of the program than the master. Said once.</summary>
    public sealed record RecordOtherBuild(WorkerIdentity Worker) : SupervisorCommand;

    /// <summary>A worker has ended the program.</summary>
    public sealed record RecordShutdownRequest(WorkerIdentity Worker, int ExitCode) : SupervisorCommand;

    /// <summary>Have the configuration checked, and this worker reload where it is good.</summary>
    public sealed record CheckBeforeReload(int Spawn) : SupervisorCommand;

    /// <param name="Request">Its number.</param>
    /// <param name="Services">What became of the workers concerned.</param>
    /// <param name="Error">Why it was not done, or not completely, for all services.</param>
    public sealed record CompleteReload(int Request, IReadOnlyList<ServiceReload> Services, string? Error = null) : SupervisorCommand;

    public sealed record CompleteRequest(int Request, string? Error) : SupervisorCommand;

    /// <summary>The last command of all.</summary>
    public sealed record Finish(int ExitCode, bool Fast) : SupervisorCommand;
}

/// <summary>A worker, for log and events.</summary>
internal readonly record struct WorkerIdentity(string Service, int WorkerId, long Incarnation, int? ProcessId);

/// <summary>What a worker is told when it gets its slot.</summary>
internal sealed record WorkerAssignment(
    string Service,
    int WorkerId,
    int WorkerCount,
    long Incarnation,
    TimeSpan GracefulTimeout,
    TimeSpan LivenessTimeout,
    TimeSpan HookTimeout,
    bool WaitForMarkReady);
