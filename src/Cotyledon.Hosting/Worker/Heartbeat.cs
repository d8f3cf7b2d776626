namespace Cotyledon.Hosting.Worker;

/// <summary>
/// Sends heartbeats to the master. A timer sends them from the thread pool, so they stop when the pool is blocked. Once the service has
/// called <see cref="IWorkerContext.ReportAlive"/>, only its calls send heartbeats, and the timer while the service waits for work.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    /// <summary>The master checks four times per timeout. Five heartbeats allow for a late timer.</summary>
    private const int BeatsPerTimeout = 5;

    private readonly Action _beat;
    private readonly TimeProvider _clock;
    private ITimer? _timer;
    private long _interval;
    private long _lastReport;
    private int _waits;
    private volatile bool _isReportedByService;

    public Heartbeat(TimeSpan timeout, TimeProvider clock, Action beat)
    {
        (_beat, _clock) = (beat, clock);
        if (timeout > TimeSpan.Zero)
        {
            SetTimeout(timeout);
        }
    }

    /// <summary>Sets the liveness timeout of the master. The timer sends no heartbeats if it is infinite.</summary>
    public void SetTimeout(TimeSpan timeout)
    {
        var interval = timeout > TimeSpan.Zero ? timeout / BeatsPerTimeout : Timeout.InfiniteTimeSpan;
        Volatile.Write(ref _interval, interval.Ticks);
        _timer ??= _clock.CreateTimer(_ => BeatUnlessServiceReports(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, interval);
    }

    /// <summary>
    /// Sends a heartbeat for the service. A service may call this in each turn of a loop, because a heartbeat is sent at most once per
    /// interval.
    /// </summary>
    public void ReportAlive()
    {
        _isReportedByService = true;
        var interval = Volatile.Read(ref _interval);
        var (now, last) = (_clock.GetTimestamp(), Volatile.Read(ref _lastReport));
        if (interval > 0 && (last == 0 || _clock.GetElapsedTime(last, now).Ticks >= interval))
        {
            Volatile.Write(ref _lastReport, now);
            _beat();
        }
    }

    /// <summary>Begins a wait of the service for work. The result ends it.</summary>
    public IDisposable BeginWait() => new Wait(this);

    public void Dispose() => _timer?.Dispose();

    private void BeatUnlessServiceReports()
    {
        if (!_isReportedByService || Volatile.Read(ref _waits) > 0)
        {
            _beat();
        }
    }

    private sealed class Wait : IDisposable
    {
        private Heartbeat? _heartbeat;

        public Wait(Heartbeat heartbeat)
        {
            _heartbeat = heartbeat;
            Interlocked.Increment(ref heartbeat._waits);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _heartbeat, null) is not { } heartbeat)
            {
                return;
            }

            Interlocked.Decrement(ref heartbeat._waits);
            if (heartbeat._isReportedByService)
            {
                // So that the service has the whole timeout for the work that it has got.
                heartbeat.ReportAlive();
            }
        }
    }
}
