using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Logs the effective configuration, less the secrets, and less the environment that has nothing to do with it.</summary>
internal static class OptionsLog
{
    private const string Mask = "***";

    private static readonly string[] Secretive = ["password", "passwd", "pwd", "secret", "token", "key", "connectionstring", "credential"];

    public static void Write(ILogger logger, IConfiguration? configuration)
    {
        if (configuration is not IConfigurationRoot root || !logger.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        foreach (var (key, value) in root.AsEnumerable().OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            if (value is not null && root.Providers.Any(p => p is not EnvironmentVariablesConfigurationProvider && p.TryGet(key, out _)))
            {
                Log.Option(logger, key, IsSecret(key) ? Mask : value);
            }
        }
    }

    /// <summary>By any part of the key: what stands in a section ConnectionStrings has names of its own.</summary>
    public static bool IsSecret(string key)
    {
        var plain = key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return Secretive.Any(word => plain.Contains(word, StringComparison.OrdinalIgnoreCase));
    }
}
