namespace Cotyledon.Hosting.Worker;

/// <summary>
/// Sends heartbeats to the master. A timer sends them from the thread pool, so they stop when the pool is blocked. Once the service has
/// called <see cref="IWorkerContext.ReportAlive"/>, only its calls count; while it waits for work, the timer sends the heartbeats again.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    /// <summary>The master checks four times per timeout. Five heartbeats allow for a late timer.</summary>
    private const int BeatsPerTimeout = 5;

    private readonly TimeProvider _clock;
    private volatile Action _beat;
    private ITimer? _timer;
    private long _interval;
    private long _lastReport;
    private int _hasUnsentReport;
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
        if (interval.Ticks == Volatile.Read(ref _interval))
        {
            return; // So that frequent changes of other settings do not restart the timer again and again.
        }

        Volatile.Write(ref _interval, interval.Ticks);
        _timer ??= _clock.CreateTimer(_ => OnTick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, interval);
    }

    /// <summary>
    /// Sends a heartbeat for the service. A service may call this in each turn of a loop: at most one heartbeat per interval is sent, and the
    /// timer sends the last one.
    /// </summary>
    public void ReportAlive()
    {
        _isReportedByService = true;
        var interval = Volatile.Read(ref _interval);
        if (interval <= 0)
        {
            return;
        }

        var (now, last) = (_clock.GetTimestamp(), Volatile.Read(ref _lastReport));
        if (last == 0 || _clock.GetElapsedTime(last, now).Ticks >= interval)
        {
            Volatile.Write(ref _hasUnsentReport, 0);
            Volatile.Write(ref _lastReport, now);
            _beat();
        }
        else
        {
            Volatile.Write(ref _hasUnsentReport, 1);
        }
    }

    /// <summary>Begins a wait of the service for work. The result ends it.</summary>
    public IDisposable BeginWait()
    {
        Interlocked.Increment(ref _waits);
        ReportIfServiceReports();
        return new Wait(this);
    }

    /// <summary>Makes the timer send the heartbeats from now on, because the run of the service has returned and cannot report any more.</summary>
    public void OnIdle()
    {
        Interlocked.Increment(ref _waits);
        ReportIfServiceReports();
    }

    /// <summary>Also releases what the heartbeats are sent with, because asynchronous flows of the worker may outlive it.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        _beat = static () => { };
    }

    private void OnTick()
    {
        // The master counts from the last heartbeat. If no heartbeat followed a report, the master would stop the worker too early.
        var hasUnsentReport = Interlocked.Exchange(ref _hasUnsentReport, 0) > 0;
        if (hasUnsentReport)
        {
            Volatile.Write(ref _lastReport, _clock.GetTimestamp());
        }

        if (hasUnsentReport || !_isReportedByService || Volatile.Read(ref _waits) > 0)
        {
            _beat();
        }
    }

    /// <summary>Begin and end of a wait are signs of life, as calls of the service are.</summary>
    private void ReportIfServiceReports()
    {
        if (_isReportedByService)
        {
            ReportAlive();
        }
    }

    private sealed class Wait(Heartbeat heartbeat) : IDisposable
    {
        private Heartbeat? _heartbeat = heartbeat;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _heartbeat, null) is { } ended)
            {
                Interlocked.Decrement(ref ended._waits);
                ended.ReportIfServiceReports();
            }
        }
    }
}
