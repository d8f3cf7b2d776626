namespace Telemetry;

internal sealed class TelemetryOptions
{
    public const string SectionName = "Telemetry";

    /// <summary>The time from one sample of a meter to the next.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The time from one report to the next.</summary>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(10);
}
