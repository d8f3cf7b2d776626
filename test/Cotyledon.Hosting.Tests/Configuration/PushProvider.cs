using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>A provider of the program that changes its values by itself and announces each change.</summary>
internal sealed class PushProvider : ConfigurationProvider, IConfigurationSource, IDisposable
{
    public int Loads { get; private set; }

    public bool IsDisposed { get; private set; }

    public override void Load() => Loads++;

    public void Push(string key, string? value)
    {
        Data = new Dictionary<string, string?>(Data, StringComparer.OrdinalIgnoreCase) { [key] = value };
        OnReload();
    }

    public void Dispose() => IsDisposed = true;

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
}
