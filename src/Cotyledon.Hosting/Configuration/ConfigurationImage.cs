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

    public byte[] Whole => _whole.Value;

    /// <summary>Creates the image of accepted values, or returns the previous image if it has the same values. Unchanged sources are shared.</summary>
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
            var entries = kind == SourceKind.Process
                ? ChangesSince(initial, values)
                : values.All.Keys.Select(key => new ConfigurationEntry(key, MaybeValue.Of(values, key), default));
            return new Source(signature, kind, values, entries.ToDictionary(e => e.Key, StringComparer.OrdinalIgnoreCase));
        }

        private static IEnumerable<ConfigurationEntry> ChangesSince(SourceValues initial, SourceValues values) =>
            values.All.Keys.Union(initial.All.Keys, StringComparer.OrdinalIgnoreCase)
                .Select(key => new ConfigurationEntry(key, MaybeValue.Of(values, key), MaybeValue.Of(initial, key)))
                .Where(entry => entry.Value != entry.Initial);
    }
}
