using System.Collections.Concurrent;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>
/// Writes the supervisor's log on a thread of its own: a sink that waits, such as a console that nothing reads, must not hold up
/// the supervision. What it cannot take is dropped, and counted.
/// </summary>
internal sealed class BackgroundLog : IDisposable
{
    private const int MaxWaiting = 10_000;

    private readonly BlockingCollection<Action<ILogger>> _waiting = new(MaxWaiting);
    private readonly GuardedLogger _logger;
    private readonly Thread _thread;
    private long _dropped;
    private long _reported;

    public BackgroundLog(ILogger logger)
    {
        _logger = GuardedLogger.Around(logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "cotyledon log" };
        _thread.Start();
    }

    /// <summary>How many lines were lost, in all: because the log was too slow, or because it threw.</summary>
    public long Dropped => Interlocked.Read(ref _dropped) + _logger.Lost;

    public void Write(Action<ILogger> line)
    {
        try
        {
            if (_waiting.TryAdd(line))
            {
                return;
            }
        }
        catch (InvalidOperationException)
        {
            // It was closed meanwhile.
        }

        Interlocked.Increment(ref _dropped);
    }

    /// <summary>Waits a moment until all is written.</summary>
    public void Dispose()
    {
        _waiting.CompleteAdding();
        _thread.Join(TimeSpan.FromSeconds(1));
    }

    private void Run()
    {
        foreach (var line in _waiting.GetConsumingEnumerable())
        {
            ReportDropped();
            try
            {
                line(_logger);
            }
            catch (Exception)
            {
                // The line itself could not be made, from something that a worker has said, say.
                Interlocked.Increment(ref _dropped);
            }
        }
    }

    /// <summary>Lines that the log refuses are not reported to it again and again.</summary>
    private void ReportDropped()
    {
        var (dropped, lost) = (Dropped - _reported, _logger.Lost);
        if (dropped > 0)
        {
            Log.LinesDropped(_logger, dropped);
            _reported = _logger.Lost > lost ? _reported + 1 : _reported + dropped;
        }
    }
}
