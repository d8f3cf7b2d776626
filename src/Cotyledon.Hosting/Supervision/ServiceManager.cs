namespace Cotyledon.Hosting.Supervision;

/// <summary>Who started the program and listens to it.</summary>
/// <param name="WatchdogTimeout">How long the supervisor may be silent; null where nobody looks.</param>
internal sealed record ServiceManager(TimeSpan? WatchdogTimeout = null);

/// <summary>What the service manager waits for, and gives up waiting for after a timeout of its own.</summary>
internal enum ManagerWait
{
    None,
    Start,
    Reload,
    Stop,
}

/// <summary>When the service manager is to hear something again.</summary>
internal sealed class NoticeAlarm : IHasDeadline
{
    public TimeSpan? Deadline { get; set; }
}

/// <summary>What the service manager was told, and when it is told again.</summary>
internal sealed class NoticeState
{
    /// <summary><see langword="null"/>: nobody listens.</summary>
    public ServiceManager? Manager { get; set; }

    public NoticeAlarm Status { get; } = new();

    public NoticeAlarm Watchdog { get; } = new();

    public NoticeAlarm Extension { get; } = new();

    /// <summary>Whether something has happened since the status was composed.</summary>
    public bool IsStatusStale { get; set; }

    public TimeSpan NextStatusAt { get; set; }

    public string? LastStatus { get; set; }

    /// <summary>Whether it was told of a reload that has not ended.</summary>
    public bool IsReloading { get; set; }

    public bool IsConfigurationBad { get; set; }

    public ManagerWait Wait { get; set; }

    /// <summary>How far it has come with what is waited for; more is further.</summary>
    public int Progress { get; set; }

    public TimeSpan ProgressAt { get; set; }
}
