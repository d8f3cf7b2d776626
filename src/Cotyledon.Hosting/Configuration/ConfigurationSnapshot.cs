using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>All values of a configuration at one moment.</summary>
internal sealed class ConfigurationSnapshot
{
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);

    public ConfigurationSnapshot(IConfiguration? configuration)
    {
        foreach (var (key, value) in configuration?.AsEnumerable() ?? [])
        {
            _values[key] = value;
        }
    }

    /// <summary>The keys whose values differ, those that only one side has included.</summary>
    public IReadOnlyList<string> KeysThatDifferFrom(ConfigurationSnapshot other) =>
        [.. _values.Keys.Union(other._values.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => _values.GetValueOrDefault(key) != other._values.GetValueOrDefault(key)
                || _values.ContainsKey(key) != other._values.ContainsKey(key))
            .Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>
    /// The sections of Cotyledon that were there and are gone: more likely half a file than a wish to fall back to the numbers in
    /// code.
    /// </summary>
    public IEnumerable<string> SectionsLostSince(ConfigurationSnapshot before)
    {
        string[] sections =
        [
            CotyledonOptions.SectionName,
            CotyledonWorkerOptionsSetup.ServicesSection,
            .. before._values.Keys.Where(IsServiceSection),
        ];
        return sections.Where(section => before.Has(section) && !Has(section));
    }

    public static bool IsOfCotyledon(string key) =>
        key.Equals(CotyledonOptions.SectionName, StringComparison.OrdinalIgnoreCase)
        || key.StartsWith(CotyledonOptions.SectionName + ":", StringComparison.OrdinalIgnoreCase);

    private static bool IsServiceSection(string key) =>
        key.StartsWith(CotyledonWorkerOptionsSetup.ServicesSection + ":", StringComparison.OrdinalIgnoreCase)
        && key.Count(c => c == ':') == 2;

    private bool Has(string section) =>
        _values.Keys.Any(key => key.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase));
}
