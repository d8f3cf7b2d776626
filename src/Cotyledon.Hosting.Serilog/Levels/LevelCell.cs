using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Levels;

/// <summary>The minimum level of a category in this worker. Checked before each event is created.</summary>
internal sealed class LevelCell
{
    /// <summary>All levels are enabled until the master has sent the level.</summary>
    private volatile int _level = (int)LogEventLevel.Verbose;

    public int Level
    {
        set => _level = value;
    }

    public bool Allows(LogEventLevel level) => (int)level >= _level;
}
