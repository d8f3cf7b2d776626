using Serilog;
using Serilog.Core;

namespace Telemetry.Logging;

/// <summary>Levels that follow the options. A new override, for a category without one, applies after the next start.</summary>
internal sealed class LevelSwitches(LevelOptions options)
{
    private readonly LoggingLevelSwitch _default = new(options.Default);

    private readonly Dictionary<string, LoggingLevelSwitch> _overrides =
        options.Override.ToDictionary(o => o.Key, o => new LoggingLevelSwitch(o.Value));

    public void AddTo(LoggerConfiguration logger)
    {
        logger.MinimumLevel.ControlledBy(_default);
        foreach (var (category, level) in _overrides)
        {
            logger.MinimumLevel.Override(category, level);
        }
    }

    public void Set(LevelOptions levels)
    {
        _default.MinimumLevel = levels.Default;
        foreach (var (category, level) in _overrides)
        {
            level.MinimumLevel = levels.Override.GetValueOrDefault(category, levels.Default);
        }
    }
}
