using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Logs the effective configuration, without the secrets and without environment variables that have nothing to do with it.</summary>
internal static class OptionsLog
{
    private const string Mask = "***";

    private static readonly string[] Secretive = ["password", "passwd", "pwd", "secret", "token", "key", "connectionstring", "credential"];

    /// <param name="logger">Where it goes.</param>
    /// <param name="configuration">The configuration; nothing is logged where it has no providers.</param>
    /// <param name="snapshot">Its values, where they are known already: enumerating a large configuration takes quadratic time.</param>
    public static void Write(ILogger logger, IConfiguration? configuration, ConfigurationSnapshot? snapshot = null)
    {
        if (configuration is not IConfigurationRoot root || !logger.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        var values = (snapshot ?? new ConfigurationSnapshot(root)).Values;
        foreach (var (key, value) in values.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            if (value is not null && root.Providers.Any(p => !IsEnvironment(p) && p.TryGet(key, out _)))
            {
                Log.Option(logger, key, IsSecret(key) ? Mask : value);
            }
        }
    }

    private static bool IsEnvironment(IConfigurationProvider provider) =>
        provider is EnvironmentVariablesConfigurationProvider or AcceptedSource { Origin: EnvironmentVariablesConfigurationProvider };

    /// <summary>By any part of the key: what stands in a section ConnectionStrings has names of its own.</summary>
    public static bool IsSecret(string key)
    {
        var plain = key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return Secretive.Any(word => plain.Contains(word, StringComparison.OrdinalIgnoreCase));
    }
}
