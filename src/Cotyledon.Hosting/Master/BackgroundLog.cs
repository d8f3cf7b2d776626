using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>
/// Writes the log of the supervisor on its own thread, because a provider that blocks, such as a console whose output is not read, must not
/// block the supervision. If too many messages wait, further ones are dropped and counted.
/// </summary>
internal sealed class BackgroundLog : IDisposable
{
    private const int MaxWaiting = 10_000;

    private readonly BlockingQueue<Action<ILogger>> _waiting = new(MaxWaiting);
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

    /// <summary>The total number of lost messages, because the log was too slow or threw.</summary>
    public long Dropped => Interlocked.Read(ref _dropped) + _logger.Lost;

    public void Write(Action<ILogger> line)
    {
        if (!_waiting.TryAdd(line))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Waits until all messages are written, for one second at most.</summary>
    public void Dispose()
    {
        _waiting.Complete();
        _thread.Join(TimeSpan.FromSeconds(1));
    }

    private void Run()
    {
        foreach (var line in _waiting.TakeAll())
        {
            ReportDropped();
            try
            {
                line(_logger);
            }
            catch (Exception)
            {
                // The message could not be created, for example from a text that a worker has sent.
                Interlocked.Increment(ref _dropped);
            }
        }
    }

    /// <summary>Reports dropped messages. A report that is lost is repeated later, and does not count as a dropped message.</summary>
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
