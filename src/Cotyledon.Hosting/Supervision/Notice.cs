namespace Cotyledon.Hosting.Supervision;

/// <summary>A notification for the service manager. The names are those of sd_notify(3).</summary>
internal abstract record Notice
{
    private Notice()
    {
    }

    /// <summary>The start or a reload has completed.</summary>
    public sealed record Ready : Notice;

    public sealed record Reloading : Notice;

    public sealed record Stopping : Notice;

    /// <summary>A line of text that describes the state, as <c>systemctl status</c> shows it.</summary>
    public sealed record Status(string Text) : Notice;

    public sealed record Watchdog : Notice;

    /// <summary>The current start, reload or stop needs up to this much more time.</summary>
    public sealed record ExtendTimeout(TimeSpan Time) : Notice;
}
