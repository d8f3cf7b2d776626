namespace Cotyledon.Hosting.Supervision;

/// <summary>Counts the crashes of one slot over a sliding time.</summary>
internal sealed class RestartWindow
{
    private readonly Queue<TimeSpan> _crashes = new();

    /// <summary>Counts a crash and says whether it is one too many.</summary>
    /// <param name="now">The time of the crash.</param>
    /// <param name="max">How many are tolerated within <paramref name="window"/>; null for any number.</param>
    /// <param name="window">The time over which crashes count.</param>
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
