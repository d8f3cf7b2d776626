using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Logs the effective configuration, without secrets and without unrelated environment variables.</summary>
internal static class OptionsLog
{
    /// <summary>
    /// Logs one line for each value of the configuration, and for options that code has set. The <paramref name="snapshot"/> has the values
    /// if they are known, because enumerating a large configuration takes quadratic time.
    /// </summary>
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

        // Of the variables that exist only in the environment, those of a section are meant for the program.
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
