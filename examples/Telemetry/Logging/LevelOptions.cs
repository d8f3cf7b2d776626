using Serilog.Events;

namespace Telemetry.Logging;

/// <summary>The levels that are written. They are validated like all options: a file with an unknown level is rejected.</summary>
internal sealed class LevelOptions
{
    public const string SectionName = "Serilog:MinimumLevel";

    public LogEventLevel Default { get; set; } = LogEventLevel.Information;

    /// <summary>The levels of categories, by the beginning of their names.</summary>
    public Dictionary<string, LogEventLevel> Override { get; } = [];
}
