using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Merges what a worker was started with and what the master has accepted, source by source.</summary>
/// <remarks>
/// A source that both have has the master's values, or, where it belongs to the process, takes the master's changes. One that only
/// the worker has is its own. One that only the master has, such as a file that was deleted since, is laid over the source before it.
/// </remarks>
/// <param name="providers">The worker's providers, by which sources are found; they are not read.</param>
/// <param name="own">What they had when the worker was started.</param>
internal sealed class SourceMerge(IReadOnlyList<IConfigurationProvider> providers, IReadOnlyList<SourceValues> own)
{
    private readonly List<MasterSource> _master = [];

    /// <summary>For each source of the worker the sources of the master that it shows; later ones override earlier ones.</summary>
    private readonly List<MasterSource>[] _shown = [.. providers.Select(_ => new List<MasterSource>())];

    private readonly MasterSource?[] _same = new MasterSource?[providers.Count];

    /// <exception cref="InvalidDataException">The update does not fit what was taken before.</exception>
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
                throw new InvalidDataException($"The master has sent values of a source {source.Index}, and told of {_master.Count}.");
            }

            _master[source.Index].Take(source);
        }
    }

    /// <param name="present">What is shown now: these instances are kept where nothing has changed.</param>
    /// <param name="set">What code in the worker has set of each source. Lost where the source is loaded, as in any host.</param>
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
        foreach (var shown in _shown)
        {
            shown.Clear();
        }

        var previous = 0; // The place of the last source that both have.
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
    /// The free source of the worker with this signature that has most of its keys; of those that are equal the next one in the order.
    /// </summary>
    private int? FindSame(ConfigurationUpdate.Source source, int previous)
    {
        int[] candidates =
            [.. Enumerable.Range(0, providers.Count).Where(i => _same[i] is null && SourceSignature.Of(providers[i]) == source.Signature)];
        return candidates.Length < 2
            ? candidates.Cast<int?>().FirstOrDefault()
            : candidates.MaxBy(i => (source.Set.Count(e => own[i].All.ContainsKey(e.Key)), i >= previous));
    }

    private SourceValues ToValues(int index, SourceValues set)
    {
        var same = _same[index];
        if (_shown[index] is [var only] && only == same && same.Kind == SourceKind.Loaded)
        {
            return same.ToValues();
        }

        var values = SourceValues.Combine(same is { Kind: SourceKind.Loaded } ? [] : [own[index], set]);
        foreach (var source in _shown[index])
        {
            source.ApplyTo(values.All, own[index]);
        }

        return values;
    }

    /// <summary>A source of the master, as far as the worker has been told.</summary>
    private sealed class MasterSource(SourceKind kind)
    {
        private SourceValues? _values;

        public SourceKind Kind => kind;

        public Dictionary<string, SourceEntry> Entries { get; } = new(StringComparer.OrdinalIgnoreCase);

        public void Take(ConfigurationUpdate.Source source)
        {
            _values = null;
            foreach (var (key, entry) in source.Set)
            {
                Entries[key] = entry;
            }

            foreach (var key in source.Removed)
            {
                Entries.Remove(key);
            }
        }

        public SourceValues ToValues() => _values ??= new SourceValues(new Dictionary<string, string?>(
            Entries.Select(e => KeyValuePair.Create(e.Key, e.Value.Value.Text)), StringComparer.OrdinalIgnoreCase));

        public void ApplyTo(Dictionary<string, string?> values, SourceValues own)
        {
            foreach (var (key, (value, initial)) in Entries)
            {
                if (kind == SourceKind.Process && MaybeValue.Of(own, key) != initial)
                {
                    continue; // The worker was started with a value of its own.
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
