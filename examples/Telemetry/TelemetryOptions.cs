namespace Telemetry;

internal sealed class TelemetryOptions
{
    public const string SectionName = "Telemetry";

    /// <summary>The time between two samples of a meter.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The time between two reports.</summary>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The time between two searches for old data.</summary>
    public TimeSpan CleanInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The file of the aggregates. A relative path is relative to the content root.</summary>
    public string Database { get; set; } = "telemetry.db";

    /// <summary>The age at which data is deleted.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);
}
