using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Testing;

/// <summary>The settings of a test. As with a file, changes take effect when the configuration is loaded again.</summary>
internal sealed class SettingsSource : ConfigurationProvider, IConfigurationSource
{
    public ConcurrentDictionary<string, string?> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

    public override void Load() => Data = new Dictionary<string, string?>(Settings, StringComparer.OrdinalIgnoreCase);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
}
