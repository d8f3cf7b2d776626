using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Cotyledon.Hosting.Configuration;

/// <summary>
/// Stands in a configuration in place of one of its providers and shows the values that were accepted, whatever the provider itself
/// has loaded since.
/// </summary>
internal sealed class AcceptedSource(IConfigurationProvider origin, int index, AcceptedConfiguration owner)
    : IConfigurationProvider, IDisposable
{
    /// <summary>Never raised: the owner raises the token of the whole configuration.</summary>
    private static readonly ConfigurationReloadToken Silent = new();

    public IConfigurationProvider Origin { get; } = origin;

    public string Name => SourceSignature.NameOf(Origin);

    /// <summary>Whether the owner is gone, so that the provider answers for itself again.</summary>
    public bool IsReleased => owner.IsReleased;

    private IConfigurationProvider Current => owner.IsReleased ? Origin : owner.ValuesOf(index);

    public bool TryGet(string key, out string? value) => Current.TryGet(key, out value);

    public IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) =>
        Current.GetChildKeys(earlierKeys, parentPath);

    /// <summary>Code of the program sets a value: it is visible at once in this process, as in any host, and part of the next candidate.</summary>
    public void Set(string key, string? value)
    {
        Origin.Set(key, value);
        owner.Set(index, key, value);
    }

    /// <summary>Code of the program has called <see cref="IConfigurationRoot.Reload"/>, or the owner raises the token in this way.</summary>
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
