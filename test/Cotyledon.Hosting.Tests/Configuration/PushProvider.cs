using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>A provider of a program, which has new values at its own time and says so.</summary>
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
