namespace Cotyledon.Hosting.Supervision;

/// <summary>The stages of the supervisor's life, passed in this order.</summary>
internal enum SupervisorPhase
{
    NotStarted,
    Running,

    /// <summary>Told to stop; the terminate hooks run, the workers still work. Nothing is started any more.</summary>
    Terminating,

    /// <summary>The workers are leaving.</summary>
    Stopping,
    Stopped,
}

/// <summary>All that the supervisor knows. Only <see cref="Decide"/> changes it.</summary>
internal sealed class SupervisorState : IHasDeadline
{
    /// <summary>What the service of the spares is called in records. No service of a program may be called so.</summary>
    public const string SpareName = "(spare)";

    public SupervisorState(SupervisorSettings settings, IEnumerable<ServiceSettings> services, ulong seed = 0)
    {
        Settings = settings;
        Services = [.. services.Select(s => new ServiceState(s))];
        Seed = seed;
    }

    public SupervisorSettings Settings { get; set; }

    /// <summary>Never changes. A list by its type, because every message goes through it: an interface would allocate.</summary>
    public List<ServiceState> Services { get; }

    /// <summary>Blank workers that wait for a slot.</summary>
    public ServiceState Spares { get; } = new(new ServiceSettings { Name = SpareName, Workers = 0 });

    /// <summary>Whether a place of a spare may be empty.</summary>
    public bool LacksSpares { get; set; }

    public SupervisorPhase Phase { get; set; }

    /// <summary>Processes that are started and not collected, by spawn number.</summary>
    public Dictionary<int, WorkerProcess> Processes { get; } = [];

    public Alarms Alarms { get; } = new();

    /// <summary>When the present phase has lasted long enough.</summary>
    public TimeSpan? Deadline { get; set; }

    public TimeSpan? NextDeadline => Alarms.Next;

    public int LastSpawn { get; set; }

    /// <summary>Whether a worker was started from other files than the master.</summary>
    public bool HasOtherBuild { get; set; }

    /// <summary>How many configurations were accepted since the start.</summary>
    public int ConfigurationVersion { get; set; }

    /// <summary>Whether a configuration was accepted that no reload of all services has followed yet.</summary>
    public bool IsReloadDue { get; set; }

    /// <summary>Processes on their way from start to hello.</summary>
    public int Starting { get; set; }

    /// <summary>Processes that were sent SIGKILL and are not collected.</summary>
    public int Killed { get; set; }

    /// <summary>Empty slots that wait for a place to start.</summary>
    public Queue<Slot> StartQueue { get; } = new();

    /// <summary>Whether hooks are to run after an exit before the slot is filled again.</summary>
    public bool HasReplacementHooks { get; init; }

    /// <summary>Slots whose hooks before the replacement run, by the spawn number of the process that has left.</summary>
    public Dictionary<int, Slot> Held { get; } = [];

    /// <summary>Slots that the present message has changed.</summary>
    public Queue<Slot> Touched { get; } = new();

    /// <summary>The reload that is under way; there is one at most.</summary>
    public ReloadOperation? Operation { get; set; }

    public int ExitCode { get; set; }

    public bool IsFastStop { get; set; }

    public bool IsAnnounced { get; set; }

    public NoticeState Notices { get; } = new();

    /// <summary>Tells the jitter of this master from that of others.</summary>
    public ulong Seed { get; }

    public bool HasStopped => Phase == SupervisorPhase.Stopped;
}
