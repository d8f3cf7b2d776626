using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Control;

/// <summary>Limits the log lines that a user without the right to control the program can cause.</summary>
internal sealed class RefusalLog(Action<Action<ILogger>> log, TimeProvider clock)
{
    private const int MaxLines = 10;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long _start;
    private int _count;

    public void Write(Action<ILogger> write)
    {
        lock (_gate)
        {
            if (_count == 0 || clock.GetElapsedTime(_start) >= Window)
            {
                (_start, _count) = (clock.GetTimestamp(), 0);
            }

            _count++;
            if (_count <= MaxLines)
            {
                log(write);
            }
            else if (_count == MaxLines + 1)
            {
                log(logger => Log.ControlRefusalsLimited(logger, MaxLines, Window));
            }
        }
    }
}
