using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Master;

/// <summary>
/// Writes the supervisor's log on a thread of its own: a sink that waits, such as a console that nobody reads, must not hold up
/// the supervision. What it cannot take is dropped, and counted.
/// </summary>
internal sealed class BackgroundLog : IDisposable
{
    private const int MaxWaiting = 10_000;

    private readonly BlockingCollection<Action<ILogger>> _waiting = new(MaxWaiting);
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private int _dropped;
    private long _allDropped;

    public BackgroundLog(ILogger logger)
    {
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "cotyledon log" };
        _thread.Start();
    }

    /// <summary>How many lines were lost, in all.</summary>
    public long Dropped => Interlocked.Read(ref _allDropped);

    public void Write(Action<ILogger> line)
    {
        if (_waiting.IsAddingCompleted || !_waiting.TryAdd(line))
        {
            CountDropped();
        }
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
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
            {
                Log.LinesDropped(_logger, dropped);
            }

            try
            {
                line(_logger);
            }
            catch (Exception)
            {
                // ILogger gathers what its providers throw. There is nobody left to tell; supervision goes on.
                CountDropped();
            }
        }
    }

    private void CountDropped()
    {
        Interlocked.Increment(ref _dropped);
        Interlocked.Increment(ref _allDropped);
    }
}
