namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>Counts the unreadable frames of one worker, and reports the first one at once and later ones at intervals.</summary>
internal sealed class UnreadableFrames(TimeProvider clock, Action<long, Exception> report)
{
    /// <summary>The shortest time between reports: a worker that sends only malformed frames must not fill the log.</summary>
    public static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(1);

    private long _count;
    private long? _reported;
    private Exception? _last;

    public void Add(Exception error)
    {
        _count++;
        _last = error;
        if (_reported is not { } reported || clock.GetElapsedTime(reported) >= ReportInterval)
        {
            Report();
        }
    }

    /// <summary>Reports the frames that were not reported yet.</summary>
    public void Report()
    {
        if (_count == 0)
        {
            return;
        }

        var (count, error) = (_count, _last!);
        (_count, _last, _reported) = (0, null, clock.GetTimestamp());
        report(count, error);
    }
}
