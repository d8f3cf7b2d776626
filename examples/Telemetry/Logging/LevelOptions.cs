using Serilog.Events;

namespace Telemetry.Logging;

/// <summary>The minimum levels. They are validated like other options: a configuration with an unknown level is rejected.</summary>
internal sealed class LevelOptions
{
    public const string SectionName = "Serilog:MinimumLevel";

    public LogEventLevel Default { get; set; } = LogEventLevel.Information;

    /// <summary>The minimum levels of categories, by the beginning of their names.</summary>
    public Dictionary<string, LogEventLevel> Override { get; } = [];
}
