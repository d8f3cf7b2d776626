using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Where a value comes from, for error messages.</summary>
internal static class ConfigurationOrigin
{
    /// <summary>" in appsettings.json", or nothing where the value does not come from a file.</summary>
    public static string Of(IConfiguration? configuration, string key) =>
        ProviderOf(configuration, key) is FileConfigurationProvider { Source.Path: { } path } ? $" in {path}" : "";

    /// <summary>The provider that has the last word about a key.</summary>
    public static IConfigurationProvider? ProviderOf(IConfiguration? configuration, string key) =>
        (configuration as IConfigurationRoot)?.Providers.LastOrDefault(p => p.TryGet(key, out _)) switch
        {
            AcceptedSource source => source.Origin,
            ChainedConfigurationProvider { Configuration: IConfigurationRoot chained } => ProviderOf(chained, key),
            var provider => provider,
        };
}
