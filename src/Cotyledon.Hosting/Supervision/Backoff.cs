namespace Cotyledon.Hosting.Supervision;

/// <summary>How long to wait before the next start: none, then exponentially more, give or take a quarter.</summary>
internal readonly record struct Backoff(TimeSpan First, TimeSpan Max)
{
    /// <param name="failuresInRow">How often the slot has failed without a stable time between, this time included.</param>
    /// <param name="sample">A random number from 0 to 1, so that workers that failed together do not start together.</param>
    public TimeSpan DelayAfter(int failuresInRow, double sample)
    {
        if (failuresInRow <= 1)
        {
            return TimeSpan.Zero;
        }

        // 2^40 half seconds are beyond any maximum; the limit keeps the power finite.
        var exponential = First.TotalSeconds * Math.Pow(2, Math.Min(failuresInRow - 2, 40));
        return TimeSpan.FromSeconds(Math.Min(exponential * (0.75 + (0.5 * sample)), Max.TotalSeconds));
    }
}
