namespace Cotyledon.Hosting.Supervision;

/// <summary>Everything that can happen. A process is named by its spawn number, which is never used twice.</summary>
internal abstract record SupervisorMessage
{
    private SupervisorMessage()
    {
    }

    /// <summary>The host has started.</summary>
    /// <param name="Manager">Null where no service manager listens.</param>
    public sealed record SupervisorStarted(ServiceManager? Manager = null) : SupervisorMessage;

    /// <summary>Somebody wants the end: a signal, the host, the API.</summary>
    public sealed record StopRequested(int ExitCode = 0) : SupervisorMessage;

    /// <summary>Somebody wants the end now: a second SIGINT, or the host's shutdown timeout.</summary>
    public sealed record FastStopRequested : SupervisorMessage;

    public sealed record TerminateHooksCompleted : SupervisorMessage;

    /// <summary>The hooks that come before the replacement of a process have run, or had their time.</summary>
    public sealed record ReplacementHooksCompleted(int Spawn) : SupervisorMessage;

    public sealed record ResizeRequested(string Service, int Workers, int? Request) : SupervisorMessage;

    /// <summary>A new configuration was accepted: these options hold from now on.</summary>
    /// <param name="Settings">For all services.</param>
    /// <param name="Services">For each service.</param>
    /// <param name="IsAll">Whether no reload of services follows, which would bring the configuration to the workers.</param>
    public sealed record SettingsChanged(
        SupervisorSettings Settings, IReadOnlyList<ServiceSettings> Services, bool IsAll = false) : SupervisorMessage;

    /// <summary>A configuration file was written: what kept processes from starting may be gone.</summary>
    public sealed record ConfigurationFilesChanged : SupervisorMessage;

    /// <summary>A reload that is to be seen begins, or has ended.</summary>
    public sealed record ReloadAnnounced(bool Begins) : SupervisorMessage;

    /// <summary>The configuration was found bad, or is good again.</summary>
    public sealed record ConfigurationChecked(bool IsGood) : SupervisorMessage;

    /// <summary>Workers are to take the new configuration, in place or as new processes.</summary>
    /// <param name="Request">Answered by CompleteReload.</param>
    /// <param name="Service">The service; null for all.</param>
    /// <param name="Method">How; null for what the options of the service say.</param>
    /// <param name="Spawn">The one process that is to reload; null for all.</param>
    public sealed record ReloadRequested(
        int Request, string? Service = null, ReloadMethod? Method = null, int? Spawn = null) : SupervisorMessage;

    /// <summary>A deadline may have been reached. Harmless when it has not; tests use it as a message that does nothing.</summary>
    public sealed record TimePassed : SupervisorMessage;

    public sealed record WorkerStarted(int Spawn, int ProcessId) : SupervisorMessage;

    public sealed record WorkerStartFailed(int Spawn, string Error) : SupervisorMessage;

    /// <summary>The process has built its host and waits for a slot.</summary>
    /// <param name="Spawn">The process.</param>
    /// <param name="IsOtherBuild">Whether it was started from other files than the master.</param>
    public sealed record WorkerSaidHello(int Spawn, bool IsOtherBuild = false) : SupervisorMessage;

    /// <summary>What a process sent cannot be read, or it speaks another version of the protocol. Nothing more is read from it.</summary>
    public sealed record WorkerBrokeProtocol(int Spawn, string Detail) : SupervisorMessage;

    public sealed record WorkerBecameReady(int Spawn) : SupervisorMessage;

    public sealed record WorkerBecameIdle(int Spawn) : SupervisorMessage;

    /// <summary>The worker says why it leaves, before it does. It may say so twice; the later word counts.</summary>
    public sealed record WorkerIsLeaving(int Spawn, WorkerExitReason Reason, string? Detail) : SupervisorMessage;

    public sealed record WorkerReloaded(int Spawn) : SupervisorMessage;

    public sealed record WorkerAskedForReload(int Spawn) : SupervisorMessage;

    /// <summary>It wants to be replaced: because it says so, or because it cannot reload in place.</summary>
    public sealed record WorkerAskedForReplacement(int Spawn) : SupervisorMessage;

    /// <summary>Its service wants the whole program to end.</summary>
    public sealed record WorkerAskedForShutdown(int Spawn, int ExitCode) : SupervisorMessage;

    public sealed record WorkerIsAlive(int Spawn) : SupervisorMessage;

    /// <summary>It uses this much, or less.</summary>
    public sealed record WorkerMemoryMeasured(int Spawn, long Bytes) : SupervisorMessage;

    /// <summary>What the operating system says of a worker that does not answer.</summary>
    public sealed record WorkerInspected(int Spawn, string Picture) : SupervisorMessage;

    public sealed record WorkerExited(int Spawn, ExitStatus Status, IReadOnlyList<string> StandardErrorTail) : SupervisorMessage;
}
