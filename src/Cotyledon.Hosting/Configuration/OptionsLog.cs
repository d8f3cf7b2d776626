using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Logs the effective configuration, without the secrets and without environment variables that have nothing to do with it.</summary>
internal static class OptionsLog
{
    /// <param name="logger">Where it goes.</param>
    /// <param name="configuration">The configuration; nothing is logged where it has no providers.</param>
    /// <param name="snapshot">Its values, where they are known already: enumerating a large configuration takes quadratic time.</param>
    /// <param name="effective">Options that are in force, whatever has set them; null where they are not known.</param>
    /// <param name="secretKeys">Parts of keys whose values are masked, besides the usual ones.</param>
    public static void Write(
        ILogger logger,
        IConfiguration? configuration,
        ConfigurationSnapshot? snapshot = null,
        Func<IEnumerable<KeyValuePair<string, string>>>? effective = null,
        IReadOnlyCollection<string>? secretKeys = null)
    {
        if (configuration is not IConfigurationRoot root || !logger.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        var shown = new SortedDictionary<string, string>((effective?.Invoke() ?? []).ToDictionary(), StringComparer.OrdinalIgnoreCase);
        var sections = new HashSet<string>(shown.Keys.Select(SectionOf), StringComparer.OrdinalIgnoreCase);
        var unclear = new List<KeyValuePair<string, string?>>();
        foreach (var pair in (snapshot ?? new ConfigurationSnapshot(root)).Values.Where(pair => pair.Value is not null))
        {
            if (root.Providers.Any(p => !IsEnvironment(p) && p.TryGet(pair.Key, out _)))
            {
                sections.Add(SectionOf(pair.Key));
                shown[pair.Key] = pair.Value!;
            }
            else
            {
                unclear.Add(pair);
            }
        }

        // Of variables that nothing but the environment has, those of a section are meant for the program.
        foreach (var (key, value) in unclear.Where(pair => pair.Key.Contains(':', StringComparison.Ordinal) || sections.Contains(pair.Key)))
        {
            shown[key] = value!;
        }

        foreach (var (key, value) in shown)
        {
            Log.Option(logger, key, SecretMask.Apply(key, value, secretKeys ?? []));
        }
    }

    private static string SectionOf(string key) => key.Split(':', 2)[0];

    private static bool IsEnvironment(IConfigurationProvider provider) =>
        provider is EnvironmentVariablesConfigurationProvider or AcceptedSource { Origin: EnvironmentVariablesConfigurationProvider };
}
