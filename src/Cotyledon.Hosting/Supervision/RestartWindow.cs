namespace Cotyledon.Hosting.Supervision;

/// <summary>Counts the crashes of one slot within a sliding time window.</summary>
internal sealed class RestartWindow
{
    private readonly Queue<TimeSpan> _crashes = new();

    /// <summary>Counts a crash, and returns whether the limit is exceeded.</summary>
    /// <param name="now">The time of the crash.</param>
    /// <param name="max">The number of crashes that are allowed within <paramref name="window"/>; null for no limit.</param>
    /// <param name="window">The length of the time window.</param>
    public bool CrashIsTooMuch(TimeSpan now, int? max, TimeSpan window)
    {
        if (max is null)
        {
            _crashes.Clear();
            return false;
        }

        while (_crashes.TryPeek(out var oldest) && now - oldest > window)
        {
            _crashes.Dequeue();
        }

        _crashes.Enqueue(now);
        return _crashes.Count > max;
    }

    public void Clear() => _crashes.Clear();
}
