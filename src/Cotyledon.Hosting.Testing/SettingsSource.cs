using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Testing;

/// <summary>Settings that a test changes: as with a file, the service sees them when they were loaded.</summary>
internal sealed class SettingsSource : ConfigurationProvider, IConfigurationSource
{
    public ConcurrentDictionary<string, string?> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

    public override void Load() => Data = new Dictionary<string, string?>(Settings, StringComparer.OrdinalIgnoreCase);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
}
