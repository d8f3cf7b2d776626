using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Levels;

/// <summary>The lowest level at which a category is written, as far as this worker knows. Asked before each event is made.</summary>
internal sealed class LevelCell
{
    /// <summary>Everything, until the master has said what it wants.</summary>
    private volatile int _level = (int)LogEventLevel.Verbose;

    public int Level
    {
        set => _level = value;
    }

    public bool Allows(LogEventLevel level) => (int)level >= _level;
}
