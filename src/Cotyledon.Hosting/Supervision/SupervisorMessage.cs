namespace Cotyledon.Hosting.Supervision;

/// <summary>The messages to the supervisor. A process is identified by its spawn number, which is never reused.</summary>
internal abstract record SupervisorMessage
{
    private SupervisorMessage()
    {
    }

    /// <summary>The master starts with its host, and with a service manager if there is one.</summary>
    public sealed record SupervisorStarted(ServiceManager? Manager = null) : SupervisorMessage;

    /// <summary>A graceful stop was requested by a signal, the host or the API.</summary>
    public sealed record StopRequested(int ExitCode = 0) : SupervisorMessage;

    /// <summary>
    /// An immediate stop was requested: by a second SIGINT or SIGQUIT, which also ends the process of the master, or by the token of the host's stop,
    /// after which the program continues.
    /// </summary>
    public sealed record FastStopRequested(bool EndsProcess = false) : SupervisorMessage;

    public sealed record TerminateHooksCompleted : SupervisorMessage;

    /// <summary>The hooks before the replacement of a process have completed or timed out.</summary>
    public sealed record ReplacementHooksCompleted(int Spawn) : SupervisorMessage;

    /// <summary>A number of workers was requested; <see langword="null"/> for the one that code and configuration say.</summary>
    public sealed record ScaleRequested(string Service, int? Workers, int? Request) : SupervisorMessage;

    /// <summary>The caller of a ScaleRequested no longer waits for its answer. The change goes on.</summary>
    public sealed record ScaleAbandoned(string Service, int Request) : SupervisorMessage;

    /// <summary>
    /// A configuration was accepted, and these options apply. <c>WithoutReload</c>: no reload of all services follows, so the configuration is sent
    /// to workers without one. <c>HasChangedValues</c>: values outside section <c>Cotyledon</c> differ.
    /// </summary>
    public sealed record SettingsChanged(
        SupervisorSettings Settings, IReadOnlyList<ServiceSettings> Services, bool WithoutReload = false, bool HasChangedValues = true)
        : SupervisorMessage;

    /// <summary>A configuration file was written, so a process that failed to start because of the old file may start now.</summary>
    public sealed record ConfigurationFilesChanged : SupervisorMessage;

    /// <summary>A reload that is announced to the service manager has started or ended.</summary>
    public sealed record ReloadAnnounced(bool Begins) : SupervisorMessage;

    /// <summary>
    /// SIGHUP has requested a reload, which may wait for other operations. The service manager may have sent the signal. ReloadAnnounced follows
    /// at the end of the reload.
    /// </summary>
    public sealed record ReloadSignaled : SupervisorMessage;

    /// <summary>The configuration was rejected, or is valid again.</summary>
    public sealed record ConfigurationChecked(bool IsGood) : SupervisorMessage;

    /// <summary>A reload or a restart was requested. Answered by CompleteReload.</summary>
    public sealed record ReloadRequested(int Request, ReloadAction Action) : SupervisorMessage;

    /// <summary>The kill of a worker was requested. Answered by CompleteRequest, with an error if this incarnation does not run any more.</summary>
    public sealed record KillRequested(string Service, int WorkerId, long Incarnation, int Request, string RequestedBy) : SupervisorMessage;

    /// <summary>
    /// The cluster has assigned a worker id to this program. Its workers have the incarnations from the first to the last one, as far as they are
    /// higher than those before.
    /// </summary>
    public sealed record SlotGranted(string Service, int WorkerId, long Grant, long FirstIncarnation, long LastIncarnation) : SupervisorMessage;

    /// <summary>
    /// The worker of a grant must stop; at once, without a graceful stop, if another machine may run it already. Answered by ReportVacant.
    /// </summary>
    public sealed record SlotRevoked(string Service, int WorkerId, long Grant, bool IsLost, WorkerExitReason Reason, string Cause) : SupervisorMessage;

    /// <summary>Workers of the cluster may run until this time, in milliseconds of the clock in <see cref="SupervisorState.BootTime"/>.</summary>
    public sealed record LeaseExtended(long LeaseEnd) : SupervisorMessage;

    /// <summary>The time of the last LeaseExtended has come. Workers that their own timers have not killed are killed now.</summary>
    public sealed record LeaseExpired : SupervisorMessage;

    /// <summary>The number of workers of a service in the whole cluster.</summary>
    public sealed record ClusterScaled(string Service, int Workers) : SupervisorMessage;

    /// <summary>A deadline may have passed. Does nothing if none has; tests use it as an empty message.</summary>
    public sealed record TimePassed : SupervisorMessage;

    /// <summary>A message about one process. It has no effect if the process has exited.</summary>
    public abstract record OfWorker(int Spawn) : SupervisorMessage;

    public sealed record WorkerStarted(int Spawn, int ProcessId) : OfWorker(Spawn);

    public sealed record WorkerStartFailed(int Spawn, string Error) : OfWorker(Spawn);

    /// <summary>A process has built its host and waits for its worker id. It may run another build of the program than the master.</summary>
    public sealed record WorkerSaidHello(int Spawn, bool IsOtherBuild = false) : OfWorker(Spawn);

    /// <summary>A process has sent invalid data, or speaks another version of the protocol. It is killed.</summary>
    public sealed record WorkerBrokeProtocol(int Spawn, string Detail) : OfWorker(Spawn);

    public sealed record WorkerBecameReady(int Spawn) : OfWorker(Spawn);

    public sealed record WorkerBecameIdle(int Spawn) : OfWorker(Spawn);

    /// <summary>A worker has reported that it exits, and why. A second report overrides the first, unless it is less specific.</summary>
    public sealed record WorkerIsLeaving(int Spawn, WorkerExitReason Reason, string? Detail) : OfWorker(Spawn);

    public sealed record WorkerReloaded(int Spawn) : OfWorker(Spawn);

    public sealed record WorkerAskedForReload(int Spawn) : OfWorker(Spawn);

    /// <summary>A worker cannot reload in place, or not within its graceful timeout. It is replaced instead.</summary>
    public sealed record WorkerCannotReload(int Spawn) : OfWorker(Spawn);

    /// <summary>The service of a worker has requested the replacement of the worker.</summary>
    public sealed record WorkerAskedForReplacement(int Spawn) : OfWorker(Spawn);

    public sealed record WorkerAskedForShutdown(int Spawn, int ExitCode) : OfWorker(Spawn);

    public sealed record WorkerIsAlive(int Spawn) : OfWorker(Spawn);

    /// <summary>The memory of a worker was measured. The measured value may be higher than the real one.</summary>
    public sealed record WorkerMemoryMeasured(int Spawn, long Bytes) : OfWorker(Spawn);

    /// <summary>A worker that missed its liveness deadline was inspected. The text describes its state in the operating system.</summary>
    public sealed record WorkerInspected(int Spawn, string Snapshot) : OfWorker(Spawn);

    public sealed record WorkerExited(int Spawn, ExitStatus Status, IReadOnlyList<string> StandardErrorTail) : OfWorker(Spawn);
}
