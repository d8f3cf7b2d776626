namespace Cotyledon.Hosting.Supervision;

/// <summary>Everything that can happen. A process is named by its spawn number, which is never used twice.</summary>
internal abstract record SupervisorMessage
{
    private SupervisorMessage()
    {
    }

    public sealed record SupervisorStarted : SupervisorMessage;

    /// <summary>Somebody wants the end: a signal, the host, the API.</summary>
    public sealed record StopRequested(int ExitCode = 0) : SupervisorMessage;

    /// <summary>Somebody wants the end now: a second SIGINT, or the host's shutdown timeout.</summary>
    public sealed record FastStopRequested : SupervisorMessage;

    public sealed record TerminateHooksCompleted : SupervisorMessage;

    public sealed record ResizeRequested(string Service, int Workers, int? Request) : SupervisorMessage;

    /// <summary>A deadline may have been reached. Harmless when it has not; tests use it as a message that does nothing.</summary>
    public sealed record TimePassed : SupervisorMessage;

    public sealed record WorkerStarted(int Spawn, int ProcessId) : SupervisorMessage;

    public sealed record WorkerStartFailed(int Spawn, string Error) : SupervisorMessage;

    /// <summary>The process has built its host and waits for a slot; or says what keeps it from working with this master.</summary>
    public sealed record WorkerSaidHello(int Spawn, string? Mismatch = null) : SupervisorMessage;

    public sealed record WorkerBecameReady(int Spawn) : SupervisorMessage;

    public sealed record WorkerBecameIdle(int Spawn) : SupervisorMessage;

    /// <summary>The worker says why it leaves, before it does. It may say so twice; the later word counts.</summary>
    public sealed record WorkerIsLeaving(int Spawn, WorkerExitReason Reason, string? Detail) : SupervisorMessage;

    public sealed record WorkerAskedForReplacement(int Spawn) : SupervisorMessage;

    public sealed record WorkerExited(int Spawn, ExitStatus Status, IReadOnlyList<string> StandardErrorTail) : SupervisorMessage;
}
