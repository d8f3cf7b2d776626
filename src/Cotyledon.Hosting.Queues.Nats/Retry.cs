namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>Computes increasing delays between attempts, and waits for them.</summary>
internal static class Retry
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns the delay that follows <paramref name="last"/>: twice as long, and <paramref name="longest"/> at most.</summary>
    public static TimeSpan Next(TimeSpan last, TimeSpan longest) =>
        last == TimeSpan.Zero ? First : TimeSpan.FromTicks(Math.Min(2 * last.Ticks, longest.Ticks));

    public static async Task WaitAsync(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(time, clock);
        await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
    }
}
