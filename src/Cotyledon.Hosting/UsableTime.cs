namespace Cotyledon.Hosting;

/// <summary>
/// A clock that stands still while the process is paused (SIGSTOP), frozen (a cgroup, <c>docker pause</c>) or suspended, so that a pause
/// never causes a timeout.
/// </summary>
/// <remarks>
/// A pause is detected when a part of the loop took half a second longer than expected. Long waits are cut into slices, so that an
/// undetected pause shortens a deadline by at most an eighth of the time that is left, or by half a second. The loop compares deadlines with the result
/// of <see cref="Advance"/>: <see cref="Now"/>, read a moment later, may include a pause that has not been detected yet.
/// </remarks>
/// <param name="clock">The clock that measures the time.</param>
/// <param name="detectsPauses">Whether pauses are detected; not with a clock that a test advances.</param>
internal sealed class UsableTime(TimeProvider clock, bool detectsPauses)
{
    private const int SlicesLeft = 8;

    private static readonly TimeSpan MinSlice = TimeSpan.FromMilliseconds(20);

    /// <summary>The clock stands still for this long after a pause, so that messages that have arrived are processed before deadlines.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// A pause that begins this soon after another one has no grace period. On an overloaded machine, each part of the loop can take too
    /// long. The grace periods would then exceed the time of short waits, so that the clock would never go on.
    /// </summary>
    private static readonly TimeSpan MinTimeBetweenGraces = TimeSpan.FromSeconds(1);

    /// <summary>The shortest pause. A thread may wait nearly this long for a processor on a busy machine, which does not extend deadlines.</summary>
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly long _start = clock.GetTimestamp();
    private long _last = clock.GetTimestamp();
    private long? _lastPause;
    private TimeSpan _paused;
    private TimeSpan _advanced;

    /// <summary>The time since the start without detected pauses.</summary>
    public TimeSpan Now
    {
        get
        {
            lock (_gate)
            {
                return At(clock.GetTimestamp());
            }
        }
    }

    /// <summary>Returns the length of the next wait.</summary>
    /// <param name="left">The time until the next deadline.</param>
    public TimeSpan SliceOf(TimeSpan left)
    {
        if (!detectsPauses || left <= MinSlice)
        {
            return left;
        }

        var slice = left / SlicesLeft;
        return slice > MinSlice ? slice : MinSlice;
    }

    /// <summary>Moves the clock on at the end of each part of the loop: a wait, or the work after it.</summary>
    /// <param name="expected">The longest time that this part should take; <see cref="Timeout.InfiniteTimeSpan"/> for any time.</param>
    /// <returns>The time since the start without detected pauses. Never decreases.</returns>
    public TimeSpan Advance(TimeSpan expected)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            var excess = clock.GetElapsedTime(_last, now) - expected;
            if (detectsPauses && expected >= TimeSpan.Zero && excess > MinPause)
            {
                var isRepeated = _lastPause is { } end && clock.GetElapsedTime(end, _last) < MinTimeBetweenGraces;
                _paused += isRepeated ? excess : excess + Grace;
                _lastPause = now;
            }

            _last = now;
            return _advanced = At(now);
        }
    }

    private TimeSpan At(long timestamp)
    {
        // During the grace period the difference falls below the last value.
        var usable = clock.GetElapsedTime(_start, timestamp) - _paused;
        return usable > _advanced ? usable : _advanced;
    }
}
