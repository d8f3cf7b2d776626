using System.Threading.Channels;
using Cotyledon.Hosting.Extensibility;
using Arrivals = System.Threading.Channels.Channel<Cotyledon.Hosting.Queues.Delivery.Arrival>;
using Channels = System.Threading.Channels.Channel;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>
/// Serves all readers of a queue in this process: prefetches items that they can handle soon, and returns items that they do not take.
/// </summary>
internal sealed class QueueReader : IArrivals
{
    /// <summary>
    /// As many items are prefetched as are handled in this time. It is longer than a round trip to the master, and too short to keep items
    /// from other readers noticeably.
    /// </summary>
    private static readonly TimeSpan FetchAhead = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// If no item is taken for this time, or if an item stays here for a whole interval of this time, the prefetched items are returned: their
    /// reader is busy, and other readers may be free. Completions are also sent after this time at the latest.
    /// </summary>
    private static readonly TimeSpan PrefetchTimeout = TimeSpan.FromMilliseconds(100);

    private readonly Arrivals _arrived = Channels.CreateUnbounded<Arrival>();
    private readonly IQueuePort _port;
    private readonly int _maxPrefetch;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private int _readers;
    private int _waiting;
    private int _wanted; // Requested and not taken yet.
    private int _window = 1;
    private int _old; // Arrived before the timer last fired, and not taken yet.
    private int _unflushed;
    private long _lastTake;
    private int _isTimerStarted;

    public QueueReader(IQueuePort port, int maxPrefetch, TimeProvider clock)
    {
        _port = port;
        _maxPrefetch = maxPrefetch;
        _clock = clock;
        _timer = clock.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        port.Arrivals = this;
    }

    public void Begin()
    {
        lock (_gate)
        {
            _readers++;
        }
    }

    public void End()
    {
        lock (_gate)
        {
            if (--_readers == 0)
            {
                ReleaseAll();
            }
        }
    }

    /// <summary>
    /// Takes the next item. <paramref name="handling"/> is the time that the caller needs for an item; zero before its first item.
    /// </summary>
    public async ValueTask<Arrival> TakeAsync(TimeSpan handling, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_arrived.Reader.TryRead(out var arrival))
        {
            arrival = await WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        lock (_gate)
        {
            _lastTake = _clock.GetTimestamp();
            _old = Math.Max(0, _old - 1);
            _wanted = Math.Max(0, _wanted - 1);
            var fitting = handling > TimeSpan.Zero ? _readers * FetchAhead.Ticks / handling.Ticks : _window;
            if (_wanted <= _window / 2 || fitting < _window)
            {
                // At most doubled each time: the next items may take longer than the last ones.
                _window = (int)Math.Clamp(Math.Min(fitting, 2L * _window), 1, _maxPrefetch);
            }

            WantMore();
        }

        StartTimerIfAnyLeft();
        return arrival;
    }

    public void Settle(long id, Settlement settlement, TimeSpan delay)
    {
        _port.Settle(id, settlement, delay);
        if (settlement != Settlement.Complete || Interlocked.Increment(ref _unflushed) > Volatile.Read(ref _window) / 4)
        {
            Flush();
        }
        else
        {
            StartTimer();
        }
    }

    public void OnArrived(Arrival arrival)
    {
        if (!_arrived.Writer.TryWrite(arrival))
        {
            return;
        }

        if (Volatile.Read(ref _waiting) == 0)
        {
            StartTimer();
        }

        if (Volatile.Read(ref _readers) == 0)
        {
            // The last reader ended while the item was on its way. Not on this thread: the caller may hold locks of the queue.
            ThreadPool.UnsafeQueueUserWorkItem(_ => ReleaseWithoutReaders(), null);
        }
    }

    public void OnClosed(Exception cause) => _arrived.Writer.TryComplete(cause);

    private void Flush()
    {
        Volatile.Write(ref _unflushed, 0);
        _port.Flush();
    }

    private async ValueTask<Arrival> WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _waiting++;
            WantMore();
        }

        Flush();
        using var wait = WorkerProcess.BeginWait();
        try
        {
            return await _arrived.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new QueueException(e.InnerException?.Message ?? e.Message, e.InnerException);
        }
        finally
        {
            lock (_gate)
            {
                _waiting--;
            }

            StartTimerIfAnyLeft();
        }
    }

    /// <summary>Requests one item for each waiting reader, and prefetches unless a single item takes long (a window of 1).</summary>
    private void WantMore()
    {
        var target = Math.Max(_waiting, _window > 1 ? _window : 0);
        if (_wanted < _waiting || _wanted < target / 2)
        {
            _port.Grant(target - _wanted);
            _wanted = target;
            Flush();
        }
    }

    private void ReleaseWithoutReaders()
    {
        lock (_gate)
        {
            if (_readers == 0)
            {
                ReleaseAll();
            }
        }
    }

    /// <summary>
    /// Releases all items, and cancels all requests first, or the items would come back at once. Items that are on their way still arrive. They
    /// are not counted in <see cref="_wanted"/>, so readers may request too many items, but never too few.
    /// </summary>
    private void ReleaseAll()
    {
        _port.Grant(0);
        (_wanted, _window, _old) = (0, 1, 0);
        while (_arrived.Reader.TryRead(out var arrival))
        {
            _port.Settle(arrival.Id, Settlement.Release, TimeSpan.Zero);
        }

        Flush();
    }

    /// <summary>Items that arrive while a reader waits do not start the timer, but that reader takes only one of them.</summary>
    private void StartTimerIfAnyLeft()
    {
        if (_arrived.Reader.Count > 0)
        {
            StartTimer();
        }
    }

    private void StartTimer()
    {
        if (Interlocked.Exchange(ref _isTimerStarted, 1) == 0)
        {
            _timer.Change(PrefetchTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        Volatile.Write(ref _isTimerStarted, 0);
        lock (_gate)
        {
            var count = _arrived.Reader.Count;
            if (count > 0 && (_old > 0 || _clock.GetElapsedTime(_lastTake) >= PrefetchTimeout))
            {
                ReleaseAll();

                // A reader may just have begun to wait for one of these items, which is not requested any more.
                WantMore();
            }
            else
            {
                _old = count;
                StartTimerIfAnyLeft();
            }
        }

        Flush();
    }
}
