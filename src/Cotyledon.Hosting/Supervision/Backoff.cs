namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// Calculates the delay before the next start: zero after the first failure, then exponential, with a jitter of up to 25 % either way, but
/// never more than <paramref name="Max"/>.
/// </summary>
internal readonly record struct Backoff(TimeSpan First, TimeSpan Max)
{
    /// <param name="failuresInRow">The number of failures of the slot without a stable time in between, including this one.</param>
    /// <param name="sample">
    /// A random number from 0 to 1, so that workers that failed together are not restarted together. At the maximum there is no jitter;
    /// earlier delays have separated the workers by then.
    /// </param>
    public TimeSpan DelayAfter(int failuresInRow, double sample)
    {
        if (failuresInRow <= 1)
        {
            return TimeSpan.Zero;
        }

        // The limit of the exponent keeps the result finite.
        var exponential = First.TotalSeconds * Math.Pow(2, Math.Min(failuresInRow - 2, 40));
        return TimeSpan.FromSeconds(Math.Min(exponential * (0.75 + (0.5 * sample)), Max.TotalSeconds));
    }
}
