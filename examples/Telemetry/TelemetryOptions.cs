namespace Telemetry;

internal sealed class TelemetryOptions
{
    public const string SectionName = "Telemetry";

    /// <summary>The time from one sample of a meter to the next.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The time from one report to the next.</summary>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The time from one search for old data to the next.</summary>
    public TimeSpan CleanInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The file of the aggregates; in the content root unless it says otherwise.</summary>
    public string Database { get; set; } = "telemetry.db";

    /// <summary>Older data is deleted.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);
}
