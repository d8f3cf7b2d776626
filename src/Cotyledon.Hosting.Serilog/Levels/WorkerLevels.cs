using System.Collections.Concurrent;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Serilog.Levels;

/// <summary>The levels of the master in a worker.</summary>
/// <param name="ask">Requests the level of a category from the master.</param>
internal sealed class WorkerLevels(Action<string> ask)
{
    private readonly ConcurrentDictionary<string, LevelCell> _cells = new();

    /// <summary>The cell of categories beyond the limit. All their events are sent, and the master filters them.</summary>
    private readonly LevelCell _others = new();

    private int _count;

    /// <summary>The level of events without a category.</summary>
    public LevelCell Root { get; } = new();

    public LevelCell Of(string category)
    {
        if (_cells.TryGetValue(category, out var known))
        {
            return known;
        }

        var cell = GetOrAdd(category, out var isNew);
        if (isNew)
        {
            ask(category);
        }

        return cell ?? _others;
    }

    /// <summary>Applies the levels that the master has sent, as pairs of category and level. An empty category is the root.</summary>
    public void Take(FieldReader fields)
    {
        while (!fields.IsAtEnd)
        {
            var (category, level) = (fields.VarText(), fields.Byte());
            if ((category.Length == 0 ? Root : GetOrAdd(category, out _)) is { } cell)
            {
                cell.Level = level;
            }
        }
    }

    private LevelCell? GetOrAdd(string category, out bool isNew)
    {
        isNew = false;
        if (Volatile.Read(ref _count) >= Limits.MaxCategories || category.Length > Limits.MaxKnownTextLength)
        {
            return _cells.GetValueOrDefault(category);
        }

        var cell = new LevelCell();
        var kept = _cells.GetOrAdd(category, cell);
        isNew = ReferenceEquals(kept, cell);
        if (isNew)
        {
            Interlocked.Increment(ref _count);
        }

        return kept;
    }
}
