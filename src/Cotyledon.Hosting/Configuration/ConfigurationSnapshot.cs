using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>All values of a configuration at one moment.</summary>
/// <param name="values">The values. The dictionary must ignore the case of keys.</param>
internal sealed class ConfigurationSnapshot(Dictionary<string, string?> values)
{
    public ConfigurationSnapshot(IConfiguration? configuration)
        : this(new Dictionary<string, string?>(configuration?.AsEnumerable() ?? [], StringComparer.OrdinalIgnoreCase))
    {
    }

    public IReadOnlyDictionary<string, string?> Values => values;

    /// <summary>Returns the keys whose values differ, including keys that only one side has.</summary>
    public IReadOnlyList<string> KeysThatDifferFrom(ConfigurationSnapshot other) =>
        [.. values.Keys.Union(other.Values.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(key => values.TryGetValue(key, out var mine) != other.Values.TryGetValue(key, out var theirs) || mine != theirs)
            .Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>
    /// Returns the sections of Cotyledon that were removed. A truncated file is a more likely cause than the intention to return to the
    /// values in code.
    /// </summary>
    public IEnumerable<string> SectionsLostSince(ConfigurationSnapshot before)
    {
        string[] sections =
        [
            CotyledonOptions.SectionName,
            CotyledonWorkerOptionsSetup.ServicesSection,
            .. before.ServiceSections(),
        ];
        return sections.Where(section => before.Has(section) && !Has(section));
    }

    public static bool IsOfCotyledon(string key) =>
        key.Equals(CotyledonOptions.SectionName, StringComparison.OrdinalIgnoreCase)
        || key.StartsWith(CotyledonOptions.SectionName + ":", StringComparison.OrdinalIgnoreCase);

    private IEnumerable<string> ServiceSections()
    {
        const string prefix = CotyledonWorkerOptionsSetup.ServicesSection + ":";
        return values.Keys
            .Where(key => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .Select(key => prefix + key[prefix.Length..].Split(':')[0])
            .Distinct(StringComparer.OrdinalIgnoreCase);
    }

    private bool Has(string section) =>
        values.Keys.Any(key => key.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase));
}
