using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>The values of one configuration source at one moment. Never changed after construction.</summary>
internal sealed class SourceValues : ConfigurationProvider
{
    public static readonly SourceValues Empty = new(new(StringComparer.OrdinalIgnoreCase));

    /// <exception cref="ArgumentException">The dictionary does not ignore the case of keys.</exception>
    public SourceValues(Dictionary<string, string?> values) => Data = All = ReferenceEquals(values.Comparer, StringComparer.OrdinalIgnoreCase)
        ? values
        : throw new ArgumentException("The dictionary must ignore the case of keys.", nameof(values));

    public Dictionary<string, string?> All { get; }

    public SourceValues With(string key, string? value) => new(new(All, StringComparer.OrdinalIgnoreCase) { [key] = value });

    public bool HasSameValuesAs(SourceValues other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (All.Count != other.All.Count)
        {
            return false;
        }

        foreach (var (key, value) in All)
        {
            if (!other.All.TryGetValue(key, out var otherValue) || otherValue != value)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Combines sources into what a configuration shows: later sources override earlier ones.</summary>
    public static SourceValues Combine(IEnumerable<SourceValues> sources)
    {
        var result = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var source in sources)
        {
            foreach (var (key, value) in source.All)
            {
                result[key] = value;
            }
        }

        return new SourceValues(result);
    }
}
