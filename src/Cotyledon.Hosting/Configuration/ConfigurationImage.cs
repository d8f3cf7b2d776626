using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>One accepted configuration, in the form in which workers get it: the whole, or the difference to an older one.</summary>
/// <remarks>Immutable, but for what it has encoded already. Workers that have the same image get the same bytes.</remarks>
internal sealed class ConfigurationImage
{
    public static readonly ConfigurationImage Empty = new([]);

    private readonly Lock _gate = new();
    private readonly Lazy<byte[]> _whole;

    /// <summary>The last one that was asked for. Weak: otherwise each image would keep all images before it.</summary>
    private (WeakReference<ConfigurationImage> From, byte[] Bytes)? _difference;

    private ConfigurationImage(IReadOnlyList<Source> sources)
    {
        Sources = sources;
        _whole = new Lazy<byte[]>(() => ConfigurationCodec.Frame(ConfigurationCodec.EncodeWhole(this)));
    }

    public IReadOnlyList<Source> Sources { get; }

    /// <summary>The frames that carry all of it.</summary>
    /// <exception cref="InvalidDataException">It is too large.</exception>
    public byte[] Whole => _whole.Value;

    /// <param name="sources">The providers.</param>
    /// <param name="initial">What each had when the master started.</param>
    /// <param name="values">What was accepted.</param>
    /// <param name="previous">The image before this one: what is the same is shared.</param>
    public static ConfigurationImage Of(
        IReadOnlyList<IConfigurationProvider> sources,
        IReadOnlyList<SourceValues> initial,
        IReadOnlyList<SourceValues> values,
        ConfigurationImage previous)
    {
        var result = new Source[sources.Count];
        for (var i = 0; i < result.Length; i++)
        {
            var old = i < previous.Sources.Count ? previous.Sources[i] : null;
            result[i] = old is not null && ReferenceEquals(old.Values, values[i])
                ? old
                : Source.Of(SourceSignature.Of(sources[i]), SourceSignature.KindOf(sources[i]), initial[i], values[i]);
        }

        return result.Length == previous.Sources.Count && result.SequenceEqual(previous.Sources, ReferenceEqualityComparer.Instance)
            ? previous
            : new ConfigurationImage(result);
    }

    /// <summary>The frames that turn an older image into this one; null where there is no difference.</summary>
    public byte[]? DifferenceFrom(ConfigurationImage older)
    {
        if (ReferenceEquals(older, this))
        {
            return null;
        }

        lock (_gate)
        {
            if (_difference is not { } known || !known.From.TryGetTarget(out var from) || from != older)
            {
                _difference = known = (new(older), ConfigurationCodec.Frame(ConfigurationCodec.EncodeDifference(older, this)));
            }

            return known.Bytes;
        }
    }

    /// <summary>One source of the master.</summary>
    internal sealed record Source(string Signature, SourceKind Kind, SourceValues Values, Dictionary<string, SourceEntry> Entries)
    {
        public static Source Of(string signature, SourceKind kind, SourceValues initial, SourceValues values)
        {
            if (kind == SourceKind.Process)
            {
                return new Source(signature, kind, values, ChangesSince(initial, values));
            }

            var entries = new Dictionary<string, SourceEntry>(values.All.Count, StringComparer.OrdinalIgnoreCase);
            foreach (var (key, text) in values.All)
            {
                entries[key] = new SourceEntry(new MaybeValue(true, text), default);
            }

            return new Source(signature, kind, values, entries);
        }

        private static Dictionary<string, SourceEntry> ChangesSince(SourceValues initial, SourceValues values)
        {
            var changes = new Dictionary<string, SourceEntry>(StringComparer.OrdinalIgnoreCase);
            if (ReferenceEquals(initial, values))
            {
                return changes;
            }

            foreach (var key in values.All.Keys.Concat(initial.All.Keys))
            {
                var entry = new SourceEntry(MaybeValue.Of(values, key), MaybeValue.Of(initial, key));
                if (entry.Value != entry.Initial)
                {
                    changes[key] = entry;
                }
            }

            return changes;
        }
    }
}
