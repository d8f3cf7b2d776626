namespace Cotyledon.Hosting;

/// <summary>
/// The time that this process could use. While the process is stopped (SIGSTOP), frozen (a cgroup, <c>docker pause</c>) or gets no
/// processor, no time passes here, so that no deadline comes nearer.
/// </summary>
/// <remarks>
/// A pause shows as a turn of a loop that took half a second longer than it was to take. A long wait is made in slices, so that what a
/// deadline loses by a pause that is not noticed is an eighth of the time that is left, or half a second. The loop judges deadlines by what
/// <see cref="Advance"/> returns; a clock that is read a moment later may have a pause in it that was not noticed yet.
/// </remarks>
/// <param name="clock">Measures.</param>
/// <param name="detectsPauses">Not with a clock that a test moves.</param>
internal sealed class UsableTime(TimeProvider clock, bool detectsPauses)
{
    private const int SlicesLeft = 8;

    private static readonly TimeSpan MinSlice = TimeSpan.FromMilliseconds(20);

    /// <summary>After a pause, what the others have done meanwhile must be taken in before a deadline is judged.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    /// <summary>On a machine that is busy a thread may wait for a processor nearly as long; that is nothing to extend a deadline for.</summary>
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly long _start = clock.GetTimestamp();
    private long _last = clock.GetTimestamp();
    private TimeSpan _paused;
    private TimeSpan _advanced;

    /// <summary>The usable time since the start, and of a pause that was not noticed yet.</summary>
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

    /// <summary>How long to wait at once when so much is left until the next deadline.</summary>
    public TimeSpan SliceOf(TimeSpan left)
    {
        if (!detectsPauses || left <= MinSlice)
        {
            return left;
        }

        var slice = left / SlicesLeft;
        return slice > MinSlice ? slice : MinSlice;
    }

    /// <summary>Another part of the loop has ended: a wait, or the work after it.</summary>
    /// <param name="expected">How long it was to take at most; <see cref="Timeout.InfiniteTimeSpan"/> for any time.</param>
    /// <returns>The usable time since the start. Never goes back.</returns>
    public TimeSpan Advance(TimeSpan expected)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            var excess = clock.GetElapsedTime(_last, now) - expected;
            if (detectsPauses && expected >= TimeSpan.Zero && excess > MinPause)
            {
                _paused += excess + Grace;
            }

            _last = now;
            return _advanced = At(now);
        }
    }

    private TimeSpan At(long timestamp)
    {
        // During the grace after a pause time stands still.
        var usable = clock.GetElapsedTime(_start, timestamp) - _paused;
        return usable > _advanced ? usable : _advanced;
    }
}
