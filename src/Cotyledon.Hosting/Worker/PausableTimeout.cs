namespace Cotyledon.Hosting.Worker;

/// <summary>Cancels after a time that this process could use: a pause of the process does not count.</summary>
internal sealed class PausableTimeout : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source;
    private readonly UsableTime _usable = new(detectsPauses: true);
    private readonly ITimer _timer;
    private readonly long _begin = TimeProvider.System.GetTimestamp();
    private readonly TimeSpan _timeout;
    private TimeSpan _slice;
    private long _waitedFrom;
    private bool _isDisposed;

    public PausableTimeout(CancellationTokenSource source, TimeSpan timeout)
    {
        (_source, _timeout) = (source, timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero);
        _timer = TimeProvider.System.CreateTimer(_ => OnTick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            Wait(_timeout);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        _timer.Dispose();
    }

    private void Wait(TimeSpan left)
    {
        _slice = _usable.SliceOf(left);
        _waitedFrom = TimeProvider.System.GetTimestamp();
        _timer.Change(_slice, Timeout.InfiniteTimeSpan);
    }

    private void OnTick()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _usable.OnWaited(_slice, TimeProvider.System.GetElapsedTime(_waitedFrom));
            var left = _timeout - (TimeProvider.System.GetElapsedTime(_begin) - _usable.Paused);
            if (left > TimeSpan.Zero)
            {
                Wait(left);
                return;
            }
        }

        _source.Cancel();
    }
}
