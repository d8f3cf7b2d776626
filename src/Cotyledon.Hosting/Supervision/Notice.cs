namespace Cotyledon.Hosting.Supervision;

/// <summary>What the service manager is told. The words are those of sd_notify(3).</summary>
internal abstract record Notice
{
    private Notice()
    {
    }

    /// <summary>Started, or done with a reload.</summary>
    public sealed record Ready : Notice;

    public sealed record Reloading : Notice;

    public sealed record Stopping : Notice;

    /// <summary>One line for whoever looks at the service.</summary>
    public sealed record Status(string Text) : Notice;

    /// <summary>The supervisor's loop turns.</summary>
    public sealed record Watchdog : Notice;

    /// <summary>The start, reload or stop that is under way is right to last this much longer.</summary>
    public sealed record ExtendTimeout(TimeSpan Time) : Notice;
}
