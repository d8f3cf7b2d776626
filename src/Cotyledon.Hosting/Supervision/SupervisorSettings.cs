namespace Cotyledon.Hosting.Supervision;

/// <summary>The effective options for all services, as <see cref="Decide"/> needs them.</summary>
internal sealed record SupervisorSettings(TimeSpan HookTimeout, int MaxConcurrentStarts)
{
    /// <summary>
    /// The time for which the stop waits for processes that were sent SIGKILL. A process in an uninterruptible system call may never exit.
    /// </summary>
    public TimeSpan ReapTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The time after which a running program no longer expects the exit of a process that was sent SIGKILL. It is longer than that of the stop,
    /// because the kernel may need seconds to free the memory of a large process.
    /// </summary>
    public TimeSpan ExitTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same as <see cref="ReapTimeout"/> for a fast stop.</summary>
    public TimeSpan FastReapTimeout { get; init; } = TimeSpan.FromSeconds(0.5);

    public int SpareWorkers { get; init; }

    /// <summary>The interval at which the memory of a worker with a memory limit is measured.</summary>
    public TimeSpan MemoryCheckInterval { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>The effective options of one service. <see cref="Timeout.InfiniteTimeSpan"/> means no limit.</summary>
internal sealed record ServiceSettings
{
    /// <summary>
    /// A worker exits by itself at its graceful timeout, and reports it. The master sends SIGKILL this much later, to a worker that could
    /// not do so because it is paused (SIGSTOP) or gets no processor time.
    /// </summary>
    public static readonly TimeSpan KillDelay = TimeSpan.FromSeconds(0.5);

    public required string Name { get; init; }

    public int Workers { get; init; } = 1;

    /// <summary>Where its worker ids are unique. Never changes.</summary>
    public WorkerScope Scope { get; init; }

    /// <summary>The most workers of a service of the cluster in this program; <see langword="null"/> for no limit.</summary>
    public int? MaxWorkersHere { get; init; }

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

    /// <summary>Whether the checks of a working worker are the same with both settings.</summary>
    public bool HasSameChecksAs(ServiceSettings other) =>
        (LivenessTimeout, MaxAge, MaxMemory) == (other.LivenessTimeout, other.MaxAge, other.MaxMemory);
}
