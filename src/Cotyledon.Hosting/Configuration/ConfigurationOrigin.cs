using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Finds the source of a value, for error messages.</summary>
internal static class ConfigurationOrigin
{
    /// <summary>Returns " in appsettings.json", or an empty text if the value does not come from a file.</summary>
    public static string Of(IConfiguration? configuration, string key) =>
        ProviderOf(configuration, key) is FileConfigurationProvider { Source.Path: { } path } ? $" in {path}" : "";

    /// <summary>Returns the provider whose value of a key is used.</summary>
    public static IConfigurationProvider? ProviderOf(IConfiguration? configuration, string key) =>
        (configuration as IConfigurationRoot)?.Providers.LastOrDefault(p => p.TryGet(key, out _)) switch
        {
            AcceptedSource source => source.Origin,
            ChainedConfigurationProvider { Configuration: IConfigurationRoot chained } => ProviderOf(chained, key),
            var provider => provider,
        };
}
