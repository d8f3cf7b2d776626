namespace Cotyledon.Hosting.Supervision;

/// <summary>Counts the crashes of one slot within a sliding time window.</summary>
internal sealed class RestartWindow
{
    private readonly Queue<TimeSpan> _crashes = new();

    /// <summary>
    /// Adds a crash, and returns whether more than <paramref name="max"/> have happened within the window; null for no limit.
    /// </summary>
    public bool AddCrash(TimeSpan now, int? max, TimeSpan window)
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
