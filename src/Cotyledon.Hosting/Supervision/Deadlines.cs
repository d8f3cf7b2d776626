using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Supervision;

/// <summary>An object of the state that has a deadline.</summary>
internal interface IHasDeadline
{
    TimeSpan? Deadline { get; set; }
}

/// <summary>
/// All deadlines, ordered by time. A deadline that was moved or cleared leaves an outdated entry behind, because removing one from the
/// queue takes linear time. Outdated entries are skipped when they reach the front, and removed together when the queue has doubled.
/// </summary>
internal sealed class Deadlines
{
    private const int MinSweep = 64;

    private readonly PriorityQueue<IHasDeadline, TimeSpan> _entries = new();
    private int _sweepAt = MinSweep;

    /// <summary>The number of entries, including outdated ones.</summary>
    public int Count => _entries.Count;

    public void Set(IHasDeadline subject, TimeSpan deadline)
    {
        subject.Deadline = deadline;
        _entries.Enqueue(subject, deadline);
        if (_entries.Count >= _sweepAt)
        {
            Sweep();
        }
    }

    /// <summary>The earliest deadline, or <see langword="null"/> if there is none.</summary>
    public TimeSpan? Next => TryPeek(out _, out var deadline) ? deadline : null;

    /// <summary>Takes one subject whose deadline has passed, and clears its deadline.</summary>
    public bool TryTakeDue(TimeSpan now, [NotNullWhen(true)] out IHasDeadline? subject)
    {
        if (!TryPeek(out subject, out var deadline) || deadline > now)
        {
            return false;
        }

        _entries.Dequeue();
        subject.Deadline = null;
        return true;
    }

    private void Sweep()
    {
        var kept = _entries.UnorderedItems.Where(e => e.Element.Deadline == e.Priority).Distinct().ToList();
        _entries.Clear();
        _entries.EnqueueRange(kept);
        _sweepAt = Math.Max(MinSweep, 2 * kept.Count);
    }

    private bool TryPeek([NotNullWhen(true)] out IHasDeadline? subject, out TimeSpan deadline)
    {
        while (_entries.TryPeek(out subject, out deadline))
        {
            if (subject.Deadline == deadline)
            {
                return true;
            }

            _entries.Dequeue();
        }

        return false;
    }
}
