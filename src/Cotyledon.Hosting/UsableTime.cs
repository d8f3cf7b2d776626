namespace Cotyledon.Hosting;

/// <summary>
/// The time that this process could use. While the process is stopped (SIGSTOP), frozen (a cgroup, <c>docker pause</c>) or gets no
/// processor, no time passes here, so that no deadline comes nearer.
/// </summary>
/// <remarks>
/// A pause shows as a wait that took longer than it was to take. So a long wait is made in slices: a pause is noticed unless it is
/// shorter than a slice, which is an eighth of the time that is left until the next deadline. Not thread-safe.
/// </remarks>
/// <param name="detectsPauses">Not with a clock that a test moves.</param>
internal sealed class UsableTime(bool detectsPauses)
{
    private const int SlicesLeft = 8;

    private static readonly TimeSpan MinSlice = TimeSpan.FromMilliseconds(20);

    /// <summary>After a pause, what the others have done meanwhile must be taken in before a deadline is judged.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(100);

    /// <summary>How much of the time since the start could not be used.</summary>
    public TimeSpan Paused { get; private set; }

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

    /// <summary>A wait has ended.</summary>
    /// <param name="expected">How long it was to take at most.</param>
    /// <param name="actual">How long it took.</param>
    public void OnWaited(TimeSpan expected, TimeSpan actual)
    {
        if (detectsPauses && expected >= TimeSpan.Zero && actual - expected > MinPause)
        {
            Paused += actual - expected + Grace;
        }
    }
}
