using System.Threading.Channels;
using Arrivals = System.Threading.Channels.Channel<Cotyledon.Hosting.Queues.Delivery.Arrival>;
using Channels = System.Threading.Channels.Channel;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>All readers of a queue in this process: fetches ahead what they can handle soon, and gives back what they do not take.</summary>
internal sealed class QueueReader : IArrivals
{
    /// <summary>As much is fetched ahead as is handled in this time: longer than a way to the master, shorter than anybody minds.</summary>
    private static readonly TimeSpan FetchAhead = TimeSpan.FromMilliseconds(5);

    /// <summary>What was fetched and not looked at for so long goes back: its reader is busy, and others may not be.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly Arrivals _arrived = Channels.CreateUnbounded<Arrival>();
    private readonly IQueuePort _port;
    private readonly int _maxPrefetch;
    private readonly TimeProvider _clock;
    private readonly ITimer _receiveTimeout;
    private readonly Lock _gate = new();
    private int _readers;
    private int _waiting;
    private int _wanted; // Asked for, and not taken yet.
    private int _window = 1;
    private int _unflushed;
    private long _lastTake;
    private int _isPatienceArmed;

    public QueueReader(IQueuePort port, int maxPrefetch, TimeProvider clock)
    {
        _port = port;
        _maxPrefetch = maxPrefetch;
        _clock = clock;
        _receiveTimeout = clock.CreateTimer(_ => OnReceiveTimeout(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
                _window = 1;
                _wanted = 0;
                _port.Grant(0);
                ReleaseAll();
            }
        }
    }

    /// <summary>Takes the next item.</summary>
    /// <param name="handling">How long the caller needs for an item; zero where it has had none.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
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
            _wanted = Math.Max(0, _wanted - 1);
            var fitting = handling > TimeSpan.Zero ? _readers * FetchAhead.Ticks / handling.Ticks : _window;
            if (_wanted <= _window / 2 || fitting < _window)
            {
                // It grows step by step: a few easy items do not say that the next ones are.
                _window = (int)Math.Clamp(Math.Min(fitting, 2L * _window), 1, _maxPrefetch);
            }

            WantMore();
        }

        ArmPatienceForTheRest();
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
            ArmPatience();
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
            ArmPatience();
        }

        if (Volatile.Read(ref _readers) == 0)
        {
            // It was on its way when the last reader left. Not from here: the caller may hold locks of the queue.
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

            ArmPatienceForTheRest();
        }
    }

    /// <summary>One for each reader that waits; beyond that nothing where a single item takes long.</summary>
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

    private void ReleaseAll()
    {
        while (_arrived.Reader.TryRead(out var arrival))
        {
            _port.Settle(arrival.Id, Settlement.Release, TimeSpan.Zero);
        }

        Flush();
    }

    /// <summary>What came while somebody waited was left to him, and he takes one only.</summary>
    private void ArmPatienceForTheRest()
    {
        if (_arrived.Reader.Count > 0)
        {
            ArmPatience();
        }
    }

    private void ArmPatience()
    {
        if (Interlocked.Exchange(ref _isPatienceArmed, 1) == 0)
        {
            _receiveTimeout.Change(Patience, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnReceiveTimeout()
    {
        Volatile.Write(ref _isPatienceArmed, 0);
        lock (_gate)
        {
            if (_arrived.Reader.Count > 0 && _clock.GetElapsedTime(_lastTake) >= Patience)
            {
                var given = _arrived.Reader.Count;
                ReleaseAll();
                _wanted = Math.Max(0, _wanted - given);
                _window = 1;
            }
            else if (_arrived.Reader.Count > 0)
            {
                ArmPatience();
            }
        }

        Flush();
    }
}
