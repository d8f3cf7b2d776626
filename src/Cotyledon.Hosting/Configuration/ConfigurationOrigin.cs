using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Where a value comes from, for error messages.</summary>
internal static class ConfigurationOrigin
{
    /// <summary>" in appsettings.json", or nothing where the value does not come from a file.</summary>
    public static string Of(IConfiguration? configuration, string key)
    {
        var provider = (configuration as IConfigurationRoot)?.Providers.LastOrDefault(p => p.TryGet(key, out _));
        return provider is FileConfigurationProvider { Source.Path: { } path } ? $" in {path}" : "";
    }
}
