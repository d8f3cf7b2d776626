namespace Telemetry;

internal sealed class TelemetryOptions
{
    public const string SectionName = "Telemetry";

    /// <summary>The interval between samples of a meter.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The interval between reports.</summary>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The interval at which old data is deleted.</summary>
    public TimeSpan CleanInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The file of the database. A relative path is relative to the content root.</summary>
    public string Database { get; set; } = "telemetry.db";

    /// <summary>The age at which data is deleted.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);
}
