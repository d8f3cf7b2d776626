namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>Longer and longer waits.</summary>
internal static class Retry
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>The wait after one of this length.</summary>
    public static TimeSpan Next(TimeSpan last, TimeSpan longest) =>
        last == TimeSpan.Zero ? First : TimeSpan.FromTicks(Math.Min(2 * last.Ticks, longest.Ticks));

    public static async Task WaitAsync(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(time, clock);
        await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
    }
}
