namespace Cotyledon.Hosting.Supervision;

/// <summary>The commands of the supervisor. No command waits; its result arrives as a message.</summary>
internal abstract record SupervisorCommand
{
    private SupervisorCommand()
    {
    }

    /// <summary>Start a process for this slot. Answered by WorkerStarted or WorkerStartFailed.</summary>
    public sealed record StartWorker(int Spawn, string Service, int WorkerId, StartSettings Settings) : SupervisorCommand;

    /// <summary>Assign a worker id to a process that has sent its hello.</summary>
    public sealed record AssignWorker(int Spawn, WorkerAssignment Assignment) : SupervisorCommand;

    public sealed record UpdateWorker(int Spawn, int WorkerCount, TimeSpan GracefulTimeout, TimeSpan LivenessTimeout)
        : SupervisorCommand;

    /// <summary>Move the time on at which the workers of the cluster are killed.</summary>
    public sealed record ExtendLease(long LeaseEnd) : SupervisorCommand;

    /// <summary>
    /// Tell the cluster the services whose worker ids it assigns: at the start, and when their settings have changed. For the retried services, the
    /// time ends in which this program takes no worker ids after a failure.
    /// </summary>
    public sealed record OfferServices(IReadOnlyList<ServiceSettings> Services, IReadOnlyCollection<string>? Retried = null) : SupervisorCommand;

    /// <summary>Tell the cluster that the process of a revoked grant is gone, and that none follows.</summary>
    public sealed record ReportVacant(string Service, int WorkerId, long Grant) : SupervisorCommand;

    /// <summary>Give a worker id back to the cluster, because no worker can run with it here. There is no process.</summary>
    public sealed record ReturnWorkerId(string Service, int WorkerId, long Grant) : SupervisorCommand;

    /// <summary>Give all worker ids back to the cluster as their processes exit, because the program stops.</summary>
    public sealed record LeaveCluster : SupervisorCommand;

    /// <summary>Record that the cluster has assigned a worker id to this program, or has withdrawn it.</summary>
    public sealed record RecordGrant(string Service, int WorkerId, long Incarnation, string? RevokedBecause = null) : SupervisorCommand;

    /// <summary>Send the accepted configuration to a worker, without a reload of its service.</summary>
    public sealed record PublishConfiguration(int Spawn) : SupervisorCommand;

    /// <summary>Reload a worker in place. Answered by WorkerReloaded or WorkerCannotReload.</summary>
    public sealed record ReloadWorker(int Spawn) : SupervisorCommand;

    /// <summary>Stop a process gracefully.</summary>
    public sealed record StopWorker(int Spawn) : SupervisorCommand;

    /// <summary>Kill a process, or cancel its start if it has not been started yet.</summary>
    public sealed record KillWorker(int Spawn) : SupervisorCommand;

    /// <summary>Measure the memory of a worker that has a memory limit. Answered by WorkerMemoryMeasured.</summary>
    public sealed record MeasureMemory(int Spawn, long Limit) : SupervisorCommand;

    /// <summary>Inspect a process that missed its liveness deadline. Answered by WorkerInspected, where the system can show it.</summary>
    public sealed record InspectWorker(int Spawn) : SupervisorCommand;

    public sealed record RunTerminateHooks : SupervisorCommand;

    /// <summary>Run the hooks before the replacement of a process. Answered by ReplacementHooksCompleted.</summary>
    public sealed record RunReplacementHooks(int Spawn, WorkerExit Exit) : SupervisorCommand;

    /// <summary>Publish an event of a worker, with details for the log, and with its start if it is ready for the first time.</summary>
    public sealed record Publish(
        WorkerEventKind Kind, WorkerIdentity Worker, string? Detail = null, StartTimes? Start = null) : SupervisorCommand;

    /// <summary>
    /// Record the exit of a worker: log it, publish it to watchers, and run the hooks. The start is set if the worker exited before it was
    /// ready and was not told to stop.
    /// </summary>
    public sealed record RecordExit(WorkerExit Exit, StartTimes? FailedStart = null) : SupervisorCommand;

    public sealed record RecordGiveUp(WorkerExit Exit, GiveUpAction Action) : SupervisorCommand;

    public sealed record RecordScale(string Service, int From, int To) : SupervisorCommand;

    /// <summary>Announce that each worker has become ready, or was given up, for the first time.</summary>
    public sealed record AnnounceReady(int GivenUp = 0, bool HasClusterServices = false) : SupervisorCommand;

    public sealed record Notify(Notice Notice) : SupervisorCommand;

    /// <summary>Record that planned replacements of a service were aborted; running workers are unchanged.</summary>
    public sealed record RecordAbortedReplacements(string Service, int Count, string Cause) : SupervisorCommand;

    /// <summary>Record that a process has not exited in this time after SIGKILL, and the effect as a sentence.</summary>
    public sealed record RecordStuck(WorkerIdentity Worker, TimeSpan Timeout, string Effect) : SupervisorCommand;

    public sealed record RecordDelayedReplacement(WorkerIdentity Worker, string Detail) : SupervisorCommand;

    /// <summary>Record that a worker runs another build of the program than the master. Issued once only.</summary>
    public sealed record RecordOtherBuild(WorkerIdentity Worker) : SupervisorCommand;

    public sealed record RecordShutdownRequest(WorkerIdentity Worker, int ExitCode) : SupervisorCommand;

    /// <summary>Check the configuration, and reload this worker if it is valid.</summary>
    public sealed record CheckBeforeReload(int Spawn) : SupervisorCommand;

    /// <summary>Record the progress of a reload, with what happened to a worker. Issued before CompleteReload.</summary>
    public sealed record RecordProgress(int Request, int Total, int Done, OperationStep? Step) : SupervisorCommand;

    /// <summary>Complete a reload request. The error is the reason why the reload was not started, or was cut short.</summary>
    public sealed record CompleteReload(int Request, IReadOnlyList<ServiceReload> Services, string? Error = null) : SupervisorCommand;

    /// <summary>
    /// Complete a request to kill a worker or to change the number of workers. The latter has an outcome, unless the request was refused.
    /// </summary>
    public sealed record CompleteRequest(int Request, string? Error, ScaleOutcome? Outcome = null) : SupervisorCommand;

    /// <summary>The last command: the supervisor has stopped, and after some fast stops ends the process.</summary>
    public sealed record Finish(int ExitCode, bool Fast, bool EndsProcess = false) : SupervisorCommand;
}

/// <summary>Identifies a worker in logs and events.</summary>
internal readonly record struct WorkerIdentity(string Service, int WorkerId, long Incarnation, int? ProcessId);

/// <summary>The assignment of a worker id to a process, with the settings that the worker needs.</summary>
internal sealed record WorkerAssignment(
    string Service,
    int WorkerId,
    int WorkerCount,
    long Incarnation,
    TimeSpan GracefulTimeout,
    TimeSpan LivenessTimeout,
    TimeSpan HookTimeout,
    bool WaitForMarkReady,
    long? LeaseEnd = null);
