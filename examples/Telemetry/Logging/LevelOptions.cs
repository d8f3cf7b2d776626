using Serilog.Events;

namespace Telemetry.Logging;

/// <summary>The levels that are written. Options like all others: a file with a level that does not exist is rejected as a whole.</summary>
internal sealed class LevelOptions
{
    public const string SectionName = "Serilog:MinimumLevel";

    public LogEventLevel Default { get; set; } = LogEventLevel.Information;

    /// <summary>By the begin of the category's name.</summary>
    public Dictionary<string, LogEventLevel> Override { get; } = [];
}
