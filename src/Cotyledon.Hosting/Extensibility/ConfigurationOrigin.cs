using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>Finds the source of a configuration value, for error messages.</summary>
[Experimental("COTYLEDON001")]
public static class ConfigurationOrigin
{
    /// <summary>Gets the file that a value comes from.</summary>
    /// <param name="configuration">The configuration of the program.</param>
    /// <param name="key">The full key, such as <c>Cotyledon:HookTimeout</c>.</param>
    /// <returns>The path as the source has it, or <see langword="null"/> if the value does not come from a file.</returns>
    public static string? FileOf(IConfiguration? configuration, string key) =>
        ProviderOf(configuration, key) is FileConfigurationProvider file ? file.Source.Path : null;

    /// <summary>The provider whose value of a key wins.</summary>
    internal static IConfigurationProvider? ProviderOf(IConfiguration? configuration, string key) =>
        (configuration as IConfigurationRoot)?.Providers.LastOrDefault(p => p.TryGet(key, out _)) switch
        {
            AcceptedSource source => source.Origin,
            ChainedConfigurationProvider { Configuration: IConfigurationRoot chained } => ProviderOf(chained, key),
            var provider => provider,
        };
}
