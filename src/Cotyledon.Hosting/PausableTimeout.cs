namespace Cotyledon.Hosting;

/// <summary>Cancels a source after a timeout that does not include pauses of this process. See <see cref="UsableTime"/>.</summary>
internal sealed class PausableTimeout : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source;
    private readonly UsableTime _usable;
    private readonly ITimer _timer;
    private readonly TimeSpan _timeout;
    private TimeSpan _slice;
    private bool _isDisposed;

    private PausableTimeout(CancellationTokenSource source, TimeSpan timeout, TimeProvider clock)
    {
        (_source, _timeout) = (source, timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero);
        _usable = new UsableTime(clock, detectsPauses: clock == TimeProvider.System);
        _timer = clock.CreateTimer(_ => OnTick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            Wait(_timeout);
        }
    }

    /// <summary>
    /// Starts a timeout. Returns null if the system refuses a thread for timers; the deadline is then left to the lifeline or the master.
    /// </summary>
    public static PausableTimeout? TryStart(CancellationTokenSource source, TimeSpan timeout, TimeProvider clock)
    {
        try
        {
            return new PausableTimeout(source, timeout, clock);
        }
        catch (OutOfMemoryException)
        {
            // Thread.Start throws this exception at the limit of threads.
            return null;
        }
    }

    /// <summary>Waits for a task until the timeout. Does not fail if the task fails.</summary>
    /// <returns>Whether the task has completed.</returns>
    public static async Task<bool> WaitAsync(Task task, TimeSpan timeout, TimeProvider clock)
    {
        using var deadline = new CancellationTokenSource();
        using var timer = TryStart(deadline, timeout, clock);
        await task.WaitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
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

            var left = _timeout - _usable.Advance(_slice);
            if (left > TimeSpan.Zero)
            {
                Wait(left);
                return;
            }
        }

        try
        {
            _source.Cancel();
        }
        catch (Exception)
        {
            // A callback of the program has thrown, or the source was disposed meanwhile. An exception of a timer would end the process.
        }
    }
}
