namespace Cotyledon.Hosting.Supervision;

/// <summary>The options in force, as the decision needs them. <see cref="Timeout.InfiniteTimeSpan"/> means no limit.</summary>
internal sealed record SupervisorSettings(TimeSpan HookTimeout, int MaxConcurrentStarts)
{
    /// <summary>How long the end waits for processes that were sent SIGKILL; one in an uninterruptible call may never go.</summary>
    public TimeSpan ReapTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a fast stop waits for the same.</summary>
    public TimeSpan FastReapTimeout { get; init; } = TimeSpan.FromSeconds(0.5);

    public int SpareWorkers { get; init; }

    /// <summary>How often the memory of a worker that has a limit is measured.</summary>
    public TimeSpan MemoryCheckInterval { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>The options of one service in force.</summary>
internal sealed record ServiceSettings
{
    /// <summary>
    /// A worker ends itself at its graceful timeout, and says so. The master's SIGKILL comes this much later, for a worker
    /// that cannot: one that is stopped, or never gets the processor.
    /// </summary>
    public static readonly TimeSpan KillDelay = TimeSpan.FromSeconds(0.25);

    public required string Name { get; init; }

    public int Workers { get; init; } = 1;

    public TimeSpan GracefulTimeout { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromMinutes(1);

    public bool WaitForMarkReady { get; init; }

    public int MaxUnavailable { get; init; } = 1;

    public Backoff Backoff { get; init; } = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30));

    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(10);

    public int? MaxRestarts { get; init; }

    public TimeSpan MaxRestartsWindow { get; init; } = TimeSpan.FromMinutes(1);

    public GiveUpAction OnGiveUp { get; init; }

    public ReloadMethod ReloadMethod { get; init; }

    /// <summary><see cref="Timeout.InfiniteTimeSpan"/>: liveness is not checked.</summary>
    public TimeSpan LivenessTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    public TimeSpan? MaxAge { get; init; }

    /// <summary>In bytes.</summary>
    public long? MaxMemory { get; init; }

    public StartSettings Start { get; init; } = StartSettings.Inherited;

    /// <summary>Whether a worker is looked after in the same way while it works.</summary>
    public bool HasSameChecksAs(ServiceSettings other) =>
        (LivenessTimeout, MaxAge, MaxMemory) == (other.LivenessTimeout, other.MaxAge, other.MaxMemory);
}
