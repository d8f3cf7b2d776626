using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// Replaces a provider in a configuration and returns the accepted values, even if the original provider has loaded others since.
/// </summary>
internal sealed class AcceptedSource(IConfigurationProvider origin, int index, AcceptedConfiguration owner)
    : IConfigurationProvider, IDisposable
{
    /// <summary>A token that is never raised, because the owner raises the token of the whole configuration.</summary>
    private static readonly ConfigurationReloadToken Silent = new();

    public IConfigurationProvider Origin { get; } = origin;

    public string Name => SourceSignature.NameOf(Origin);

    /// <summary>Whether the owner was released, so that the original provider is read again.</summary>
    public bool IsReleased => owner.IsReleased;

    private IConfigurationProvider Current => owner.IsReleased ? Origin : owner.ValuesOf(index);

    public bool TryGet(string key, out string? value) => Current.TryGet(key, out value);

    public IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) =>
        Current.GetChildKeys(earlierKeys, parentPath);

    /// <summary>Sets a value on behalf of the program. It is visible immediately in this process, and part of the next candidate.</summary>
    public void Set(string key, string? value)
    {
        Origin.Set(key, value);
        owner.Set(index, key, value);
    }

    /// <summary>Called by <see cref="IConfigurationRoot.Reload"/>, either for the program, or when the owner raises the token.</summary>
    public void Load()
    {
        if (owner.IsReleased)
        {
            Origin.Load();
        }
        else
        {
            owner.OnLoadRequested();
        }
    }

    public IChangeToken GetReloadToken() => owner.IsReleased ? Origin.GetReloadToken() : Silent;

    public void Dispose() => (Origin as IDisposable)?.Dispose();

    public override string ToString() => Origin.ToString() ?? Name;
}
