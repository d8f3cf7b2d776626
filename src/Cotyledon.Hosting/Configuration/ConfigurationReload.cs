using System.Runtime.CompilerServices;
using Cotyledon.Hosting.Channel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Reads a configuration again, and raises its change tokens only where a value has changed.</summary>
/// <remarks>
/// <see cref="IConfigurationRoot.Reload"/> raises a token for each file and one more for the whole, whatever stands in the files,
/// and at each of them the logging filters and all options are built anew: more than a millisecond in each of N workers.
/// </remarks>
internal static class ConfigurationReload
{
    /// <exception cref="Exception">Whatever a provider throws: a file cut in half, a server that is away.</exception>
    public static void ReadAgain(IConfigurationRoot root)
    {
        foreach (var provider in root.Providers)
        {
            if (!HasReadTheSame(provider))
            {
                root.Reload();
                return;
            }
        }
    }

    /// <summary>Only for providers that are known to do nothing else while they load; exactly these, not those derived from them.</summary>
    private static bool HasReadTheSame(IConfigurationProvider provider) => provider switch
    {
        JsonConfigurationProvider json when json.GetType() == typeof(JsonConfigurationProvider) => HasReadTheSame(json),
        EnvironmentVariablesConfigurationProvider or CommandLineConfigurationProvider =>
            HasReadTheSame((ConfigurationProvider)provider, provider.Load),
        MemoryConfigurationProvider or ChainedConfigurationProvider => true, // They have nothing to load.
        _ => false,
    };

    private static bool HasReadTheSame(JsonConfigurationProvider json)
    {
        var file = json.Source.FileProvider?.GetFileInfo(json.Source.Path ?? "");
        if (file is not { Exists: true })
        {
            return json.Source.Optional && DataOf(json).Count == 0;
        }

        try
        {
            using var stream = file.CreateReadStream();
            return HasReadTheSame(json, () => json.Load(stream));
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            // The whole reload meets it again, and handles it as the program wants.
            return false;
        }
    }

    private static bool HasReadTheSame(ConfigurationProvider provider, Action load)
    {
        var before = DataOf(provider);
        load();
        var now = DataOf(provider);
        before.Remove(Protocol.ChannelVariable); // A worker has taken it out of its environment.
        if (before.Count != now.Count)
        {
            return false;
        }

        foreach (var (key, value) in now)
        {
            if (!before.TryGetValue(key, out var old) || old != value)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What the provider holds: part of its contract, but for derived types only.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Data")]
    private static extern IDictionary<string, string?> DataOf(ConfigurationProvider provider);
}
