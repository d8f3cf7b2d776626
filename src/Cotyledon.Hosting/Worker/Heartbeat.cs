namespace Cotyledon.Hosting.Worker;

/// <summary>
/// Says again and again that this worker is alive: by a timer, whose callbacks run on the thread pool and so stop when that is
/// blocked; or, from the first time that the service does so itself, whenever the service says it.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    /// <summary>The master looks four times within the timeout; a beat more often than it looks allows for a late timer.</summary>
    private const int BeatsPerTimeout = 5;

    private readonly Action _beat;
    private readonly TimeProvider _clock;
    private ITimer? _timer;
    private long _interval;
    private long _lastReport;
    private volatile bool _isServiceInCharge;

    public Heartbeat(TimeSpan timeout, TimeProvider clock, Action beat)
    {
        (_beat, _clock) = (beat, clock);
        if (timeout > TimeSpan.Zero)
        {
            SetTimeout(timeout);
        }
    }

    /// <summary>Within what time the master wants to hear of this worker; infinite for never.</summary>
    public void SetTimeout(TimeSpan timeout)
    {
        var interval = timeout > TimeSpan.Zero ? timeout / BeatsPerTimeout : Timeout.InfiniteTimeSpan;
        Volatile.Write(ref _interval, interval.Ticks);
        _timer ??= _clock.CreateTimer(_ => BeatUnlessServiceDoes(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, interval);
    }

    /// <summary>The service says so. Cheap enough for every turn of a loop: the master hears only as often as it needs to.</summary>
    public void ReportAlive()
    {
        _isServiceInCharge = true;
        var interval = Volatile.Read(ref _interval);
        var (now, last) = (_clock.GetTimestamp(), Volatile.Read(ref _lastReport));
        if (interval > 0 && (last == 0 || _clock.GetElapsedTime(last, now).Ticks >= interval))
        {
            Volatile.Write(ref _lastReport, now);
            _beat();
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void BeatUnlessServiceDoes()
    {
        if (!_isServiceInCharge)
        {
            _beat();
        }
    }
}
