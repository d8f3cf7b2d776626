using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>An accepted configuration in the form in which it is sent to workers: whole, or as a difference to the previous one.</summary>
/// <remarks>Immutable. Workers that have the same image get the same bytes.</remarks>
internal sealed class ConfigurationImage
{
    public static readonly ConfigurationImage Empty = new([], previous: null);

    private readonly Lazy<byte[]> _whole;

    /// <summary>A weak reference, because otherwise each image would keep all previous images in memory.</summary>
    private readonly WeakReference<ConfigurationImage>? _previous;
    private readonly byte[]? _difference;

    private ConfigurationImage(IReadOnlyList<Source> sources, ConfigurationImage? previous)
    {
        Sources = sources;
        _whole = new Lazy<byte[]>(() => ConfigurationCodec.Frame(ConfigurationCodec.EncodeWhole(this)));
        if (previous?.Sources.Count == sources.Count)
        {
            (_previous, _difference) = (new(previous), ConfigurationCodec.Frame(ConfigurationCodec.EncodeDifference(previous, this)));
        }
    }

    public IReadOnlyList<Source> Sources { get; }

    /// <summary>The frames with the whole configuration.</summary>
    public byte[] Whole => _whole.Value;

    /// <summary>Creates the image of accepted values, or returns the previous image if it has the same values.</summary>
    /// <param name="providers">The providers of the sources.</param>
    /// <param name="initial">The values of each source when the master started.</param>
    /// <param name="values">The accepted values of each source.</param>
    /// <param name="previous">The previous image. Unchanged sources are shared with it.</param>
    /// <exception cref="InvalidDataException">The configuration is too large.</exception>
    public static ConfigurationImage Of(
        IReadOnlyList<IConfigurationProvider> providers,
        IReadOnlyList<SourceValues> initial,
        IReadOnlyList<SourceValues> values,
        ConfigurationImage previous)
    {
        var sources = new Source[providers.Count];
        for (var i = 0; i < sources.Length; i++)
        {
            var old = i < previous.Sources.Count ? previous.Sources[i] : null;
            sources[i] = old is not null && ReferenceEquals(old.Values, values[i])
                ? old
                : Source.Of(SourceSignature.Of(providers[i]), SourceSignature.KindOf(providers[i]), initial[i], values[i]);
        }

        if (sources.SequenceEqual(previous.Sources, ReferenceEqualityComparer.Instance))
        {
            return previous;
        }

        var image = new ConfigurationImage(sources, previous);
        _ = image.Whole; // Evaluated here, so that a configuration that is too large is rejected before it is published.
        return image;
    }

    /// <summary>Returns the frames for a worker that has an older image; null if the worker has this image already.</summary>
    public byte[]? DifferenceFrom(ConfigurationImage older) =>
        ReferenceEquals(older, this) ? null
        : _previous is not null && _previous.TryGetTarget(out var previous) && ReferenceEquals(previous, older) && _difference!.Length < Whole.Length
            ? _difference
            : Whole;

    /// <summary>One source of the master.</summary>
    internal sealed record Source(string Signature, SourceKind Kind, SourceValues Values, Dictionary<string, ConfigurationEntry> Entries)
    {
        public static Source Of(string signature, SourceKind kind, SourceValues initial, SourceValues values)
        {
            if (kind == SourceKind.Process)
            {
                return new Source(signature, kind, values, ChangesSince(initial, values));
            }

            var entries = new Dictionary<string, ConfigurationEntry>(values.All.Count, StringComparer.OrdinalIgnoreCase);
            foreach (var (key, text) in values.All)
            {
                entries[key] = new ConfigurationEntry(key, new MaybeValue(true, text), default);
            }

            return new Source(signature, kind, values, entries);
        }

        private static Dictionary<string, ConfigurationEntry> ChangesSince(SourceValues initial, SourceValues values)
        {
            var changes = new Dictionary<string, ConfigurationEntry>(StringComparer.OrdinalIgnoreCase);
            if (ReferenceEquals(initial, values))
            {
                return changes;
            }

            foreach (var key in values.All.Keys.Concat(initial.All.Keys))
            {
                var entry = new ConfigurationEntry(key, MaybeValue.Of(values, key), MaybeValue.Of(initial, key));
                if (entry.Value != entry.Initial)
                {
                    changes[key] = entry;
                }
            }

            return changes;
        }
    }
}
