namespace Cotyledon.Hosting.Supervision;

/// <summary>The phases of the supervisor, in this order. A phase can be skipped.</summary>
internal enum SupervisorPhase
{
    NotStarted,
    Running,

    /// <summary>A stop was requested. The terminate hooks run and the workers still work, but no process is started any more.</summary>
    Terminating,

    Stopping,
    Stopped,
}

/// <summary>
/// The state of the supervisor. Only <see cref="Decide"/> changes it, except for the clocks, and for the phase if the loop fails, which
/// <see cref="Supervisor"/> sets.
/// </summary>
internal sealed class SupervisorState : IHasDeadline
{
    /// <summary>The name of the internal service of spare workers in exit records. No service of the program can have this name.</summary>
    public const string SpareName = "(spare)";

    public SupervisorState(SupervisorSettings settings, IEnumerable<ServiceSettings> services, ulong seed = 0)
    {
        Settings = settings;
        Services = [.. services.Select(s => new ServiceState(s))];
        Seed = seed;
    }

    public SupervisorSettings Settings { get; set; }

    /// <summary>
    /// The wall clock when the present message is processed, for exit records. <see cref="Supervisor"/> sets it. All decisions use the
    /// monotonic time, which stands still during pauses, except those that use <see cref="RealTime"/>.
    /// </summary>
    public DateTimeOffset WallClock { get; set; }

    /// <summary>
    /// The time since the start of the machine in milliseconds when the present message is processed, for the lease of the cluster.
    /// <see cref="Supervisor"/> sets it.
    /// </summary>
    public long BootTime { get; set; }

    /// <summary>
    /// The monotonic time at which the present message is processed, including pauses of this process: the service manager counts them too.
    /// <see cref="Supervisor"/> sets it; <see langword="null"/> without a loop.
    /// </summary>
    public TimeSpan? RealTime { get; set; }

    /// <summary>The value of <see cref="BootTime"/> until which workers of the cluster may run.</summary>
    public long LeaseEnd { get; set; }

    public bool HasClusterServices => Services.Exists(s => s.IsOfCluster);

    /// <summary>Whether the cluster was told that the program stops.</summary>
    public bool HasLeftCluster { get; set; }

    /// <summary>The list never changes. Its type is not an interface, because enumerating it for every message would allocate.</summary>
    public List<ServiceState> Services { get; }

    public ServiceState Spares { get; } = new(new ServiceSettings { Name = SpareName, Workers = 0 });

    /// <summary>Whether a slot for a spare may be empty.</summary>
    public bool LacksSpares { get; set; }

    public SupervisorPhase Phase { get; set; }

    /// <summary>The processes that were started and have not exited, by spawn number.</summary>
    public Dictionary<int, ProcessState> Processes { get; } = [];

    public Deadlines Deadlines { get; } = new();

    /// <summary>The time at which the present phase times out.</summary>
    public TimeSpan? Deadline { get; set; }

    public TimeSpan? NextDeadline => Deadlines.Next;

    public int LastSpawn { get; set; }

    /// <summary>Whether a worker has run another build of the program than the master.</summary>
    public bool HasOtherBuild { get; set; }

    /// <summary>Increases with each accepted configuration, also with one that is equal. Processes with a lower number take part in a reload.</summary>
    public int ConfigurationVersion { get; set; }

    /// <summary>
    /// Increases with each accepted configuration whose values outside section <c>Cotyledon</c> differ. The values of a worker with a lower
    /// number are outdated.
    /// </summary>
    public int ValuesVersion { get; set; }

    /// <summary>The number of processes that were started and have neither sent their hello nor been killed.</summary>
    public int Starting { get; set; }

    /// <summary>The number of processes that were sent SIGKILL and have not exited.</summary>
    public int Killed { get; set; }

    /// <summary>Empty slots that wait until fewer processes are starting.</summary>
    public Queue<Slot> StartQueue { get; } = new();

    /// <summary>Whether hooks run between an exit and the replacement.</summary>
    public bool HasReplacementHooks { get; init; }

    /// <summary>Slots that wait for the hooks before a replacement, by the spawn number of the process that has exited.</summary>
    public Dictionary<int, Slot> Held { get; } = [];

    /// <summary>Slots that the present message has changed.</summary>
    public Queue<Slot> ToReconcile { get; } = new();

    /// <summary>The current reload; there is at most one.</summary>
    public ReloadOperation? Operation { get; set; }

    public int ExitCode { get; set; }

    public bool IsFastStop { get; set; }

    /// <summary>Whether the process of the master ends with a fast stop.</summary>
    public bool EndsProcess { get; set; }

    public bool IsAnnounced { get; set; }

    public NoticeState Notices { get; } = new();

    /// <summary>The value of <see cref="RealTime"/> at which the watchdog of the service manager needs its next notice.</summary>
    public TimeSpan? NextWatchdog { get; set; }

    /// <summary>The value of <see cref="RealTime"/> at which the timeout of the service manager needs its next extension.</summary>
    public TimeSpan? NextExtension { get; set; }

    /// <summary>The earlier of <see cref="NextWatchdog"/> and <see cref="NextExtension"/>.</summary>
    public TimeSpan? NextNotice => NextWatchdog is null || NextExtension < NextWatchdog ? NextExtension : NextWatchdog;

    /// <summary>The number of reloads that have begun and have not ended, for the announcement. They may overlap.</summary>
    public int AnnouncedReloads { get; set; }

    /// <summary>The operation that ran when the service manager's wait for a reload was last seen to make progress.</summary>
    public ReloadOperation? AwaitedOperation { get; set; }

    /// <summary>The seed of the jitter, different for each master.</summary>
    public ulong Seed { get; }

    public bool HasStopped => Phase == SupervisorPhase.Stopped;
}
