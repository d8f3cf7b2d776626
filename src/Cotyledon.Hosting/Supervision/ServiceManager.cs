namespace Cotyledon.Hosting.Supervision;

/// <summary>The service manager that has started the program and receives its notices, such as systemd. It may have a watchdog.</summary>
internal sealed record ServiceManager(TimeSpan? WatchdogTimeout = null);

/// <summary>The operation for which the service manager waits. It has its own timeout for each.</summary>
internal enum ManagerWait
{
    None,
    Start,
    Reload,
    Stop,
}

/// <summary>The deadline for the next notice of one kind.</summary>
internal sealed class NoticeTimer : IHasDeadline
{
    public TimeSpan? Deadline { get; set; }
}

/// <summary>The notices that were sent to the service manager, and the deadlines for the next ones.</summary>
internal sealed class NoticeState
{
    /// <summary><see langword="null"/> if there is no service manager.</summary>
    public ServiceManager? Manager { get; set; }

    public NoticeTimer Status { get; } = new();

    public NoticeTimer Watchdog { get; } = new();

    public NoticeTimer Extension { get; } = new();

    /// <summary>Whether the state may have changed since the last status was composed.</summary>
    public bool IsStatusStale { get; set; }

    public TimeSpan NextStatusAt { get; set; }

    public string? LastStatus { get; set; }

    /// <summary>Whether a reload was announced that has not ended.</summary>
    public bool IsReloading { get; set; }

    public bool IsConfigurationBad { get; set; }

    public ManagerWait Wait { get; set; }

    /// <summary>The progress of the operation for which the service manager waits; a higher number is further.</summary>
    public int Progress { get; set; }

    public TimeSpan ProgressAt { get; set; }
}
