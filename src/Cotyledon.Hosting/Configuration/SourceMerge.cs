using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Merges the values with which a worker was started and the values that the master has accepted, for each source.</summary>
/// <remarks>
/// A source that both have takes the values of the master; a source of kind <see cref="SourceKind.Process"/> takes only the changes of the
/// master. A source that only the worker has keeps its values. The values of a source that only the master has, such as a file that was
/// deleted since, override those of the source before it.
/// </remarks>
/// <param name="providers">The providers of the worker. They are only used to find sources, and are not read.</param>
/// <param name="own">The values of these providers when the worker was started.</param>
internal sealed class SourceMerge(IReadOnlyList<IConfigurationProvider> providers, IReadOnlyList<SourceValues> own)
{
    private readonly List<MasterSource> _master = [];

    /// <summary>The sources of the master that each source of the worker shows. Later sources override earlier ones.</summary>
    private readonly List<MasterSource>[] _shown = new List<MasterSource>[providers.Count];

    private readonly MasterSource?[] _same = new MasterSource?[providers.Count];
    private readonly string?[] _signatures = new string?[providers.Count];

    /// <summary>Takes an update of the master.</summary>
    /// <exception cref="InvalidDataException">The update refers to a source that was not sent before.</exception>
    public void Take(ConfigurationUpdate update)
    {
        if (update.IsWhole)
        {
            Begin(update);
        }

        foreach (var source in update.Sources)
        {
            if (source.Index < 0 || source.Index >= _master.Count)
            {
                throw new InvalidDataException($"The master has sent values of source {source.Index}, but has {_master.Count} sources.");
            }

            _master[source.Index].Take(source);
        }
    }

    /// <summary>Returns the merged values of each source.</summary>
    /// <param name="present">The present values. The instance of a source that has not changed is kept.</param>
    /// <param name="set">The values that code in the worker has set. They are lost in sources that are loaded, as in any host.</param>
    public SourceValues[] ToValues(SourceValues[] present, SourceValues[] set)
    {
        var result = new SourceValues[present.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var values = ToValues(i, set[i]);
            result[i] = values.HasSameValuesAs(present[i]) ? present[i] : values;
        }

        return result;
    }

    private void Begin(ConfigurationUpdate update)
    {
        _master.Clear();
        Array.Clear(_same);
        for (var i = 0; i < _shown.Length; i++)
        {
            _shown[i] = [];
        }

        var previous = 0; // The position of the last source that both have.
        foreach (var source in update.Sources)
        {
            var master = new MasterSource(source.Kind);
            _master.Add(master);
            if (FindSame(source, previous) is { } same)
            {
                (_same[same], previous) = (master, same);
                _shown[same].Add(master);
            }
            else if (source.Kind == SourceKind.Loaded && previous < _shown.Length)
            {
                _shown[previous].Add(master);
            }
        }
    }

    /// <summary>
    /// Finds the unmatched source of the worker with the same signature and the most common keys. Of equal ones the next in order is used.
    /// </summary>
    private int? FindSame(ConfigurationUpdate.Source source, int previous)
    {
        var (best, bestScore) = ((int?)null, -1);
        for (var i = 0; i < providers.Count; i++)
        {
            if (_same[i] is null && (_signatures[i] ??= SourceSignature.Of(providers[i])) == source.Signature)
            {
                var score = (2 * CountShared(source, own[i])) + (i >= previous ? 1 : 0);
                (best, bestScore) = score > bestScore ? (i, score) : (best, bestScore);
            }
        }

        return best;
    }

    private static int CountShared(ConfigurationUpdate.Source source, SourceValues own)
    {
        var count = 0;
        foreach (var entry in source.Set)
        {
            count += own.All.ContainsKey(entry.Key) ? 1 : 0;
        }

        return count;
    }

    private SourceValues ToValues(int index, SourceValues set)
    {
        var (same, shown) = (_same[index], _shown[index]);
        if (shown.Count == 1 && same is { Kind: SourceKind.Loaded })
        {
            return same.HasValuesOf(own[index]) ? own[index] : same.ToValues();
        }

        if (set.All.Count == 0 && (shown.Count == 0 || (shown.Count == 1 && same is { Entries.Count: 0 })))
        {
            return own[index];
        }

        var values = SourceValues.Combine(same is { Kind: SourceKind.Loaded } ? [] : [own[index], set]);
        foreach (var source in shown)
        {
            source.ApplyTo(values.All, own[index]);
        }

        return values;
    }

    /// <summary>A source of the master, as it was sent to the worker.</summary>
    private sealed class MasterSource(SourceKind kind)
    {
        private SourceValues? _values;

        public SourceKind Kind => kind;

        public Dictionary<string, ConfigurationEntry> Entries { get; } = new(StringComparer.OrdinalIgnoreCase);

        public void Take(ConfigurationUpdate.Source source)
        {
            _values = null;
            foreach (var entry in source.Set)
            {
                Entries[entry.Key] = entry;
            }

            foreach (var key in source.Removed)
            {
                Entries.Remove(key);
            }
        }

        public bool HasValuesOf(SourceValues own)
        {
            if (own.All.Count != Entries.Count)
            {
                return false;
            }

            foreach (var (key, text) in own.All)
            {
                if (!Entries.TryGetValue(key, out var entry) || entry.Value.Text != text)
                {
                    return false;
                }
            }

            return true;
        }

        public SourceValues ToValues()
        {
            if (_values is null)
            {
                var values = new Dictionary<string, string?>(Entries.Count, StringComparer.OrdinalIgnoreCase);
                foreach (var (key, entry) in Entries)
                {
                    values[key] = entry.Value.Text;
                }

                _values = new SourceValues(values);
            }

            return _values;
        }

        public void ApplyTo(Dictionary<string, string?> values, SourceValues own)
        {
            foreach (var (key, value, initial) in Entries.Values)
            {
                if (kind == SourceKind.Process && MaybeValue.Of(own, key) != initial)
                {
                    continue; // The worker was started with its own value.
                }

                if (value.IsPresent)
                {
                    values[key] = value.Text;
                }
                else
                {
                    values.Remove(key);
                }
            }
        }
    }
}
