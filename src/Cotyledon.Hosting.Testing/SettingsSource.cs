using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Testing;

/// <summary>The settings of a test. As with a file, changes take effect when the configuration is loaded again.</summary>
internal sealed class SettingsSource : ConfigurationProvider, IConfigurationSource
{
    public ConcurrentDictionary<string, string?> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The values in use. Each load replaces the whole dictionary.</summary>
    public IDictionary<string, string?> Loaded => Data;

    public override void Load() => Data = new Dictionary<string, string?>(Settings, StringComparer.OrdinalIgnoreCase);

    /// <summary>Puts back the values of an earlier load.</summary>
    public void Restore(IDictionary<string, string?> loaded)
    {
        Data = loaded;
        OnReload();
    }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
}
