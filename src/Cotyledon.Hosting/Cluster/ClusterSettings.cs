using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting.Cluster;

/// <summary>The effective options of the cluster.</summary>
/// <param name="Name">The name, a part of each key.</param>
/// <param name="LeaseDuration">The length of a lease.</param>
internal sealed record ClusterSettings(string Name, TimeSpan LeaseDuration)
{
    private const int MaxNameLength = 64;

    /// <summary>The characters of a changed name before the hyphen and the eight digits of its hash.</summary>
    private const int MaxPrefixLength = MaxNameLength - 9;

    /// <summary>Returns whether a name can be a part of a key in each store.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaxNameLength && name.All(IsValid);

    /// <summary>Returns a valid name for an application: its own name if that is valid, otherwise a changed one with a hash.</summary>
    public static string NameOf(string application)
    {
        var name = application.Length == 0 ? "application" : application;
        if (IsName(name))
        {
            return name;
        }

        // Without the hash, different applications could have the same name, and would share their worker ids. FNV-1a (draft-eastlake-fnv),
        // because all machines must compute the same hash.
        var hash = 0x811c9dc5u;
        foreach (var b in Encoding.UTF8.GetBytes(name))
        {
            hash = unchecked((hash ^ b) * 0x01000193u);
        }

        var prefix = string.Concat(name.Take(MaxPrefixLength).Select(c => IsValid(c) ? c : '-'));
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}-{hash:x8}");
    }

    private static bool IsValid(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
}
