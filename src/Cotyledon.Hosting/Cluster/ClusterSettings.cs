namespace Cotyledon.Hosting.Cluster;

/// <summary>The effective options of the cluster.</summary>
/// <param name="Name">The name, a part of each key.</param>
/// <param name="LeaseDuration">The length of a lease.</param>
internal sealed record ClusterSettings(string Name, TimeSpan LeaseDuration)
{
    private const int MaxNameLength = 64;

    /// <summary>Returns whether a name can be a part of a key in each store.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaxNameLength && name.All(IsValid);

    /// <summary>Returns a valid name for an application.</summary>
    public static string NameOf(string application)
    {
        var name = string.Concat(application.Select(c => IsValid(c) ? c : '-'));
        return name.Length == 0 ? "application" : name[..Math.Min(name.Length, MaxNameLength)];
    }

    private static bool IsValid(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
}
