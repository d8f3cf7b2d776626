using System.Globalization;

namespace Cotyledon.Hosting.Cli.Discovery;

/// <summary>Finds a process in each other mount namespace that this user may look into: services with PrivateTmp, and containers.</summary>
internal static class MountNamespaces
{
    private const int MaxNamespaces = 256;

    /// <summary>Returns the directories of these processes, such as <c>/proc/4711</c>.</summary>
    public static IReadOnlyList<string> Find(string processDirectory)
    {
        var own = NamespaceOf(Path.Combine(processDirectory, "self"));
        if (own is null)
        {
            return [];
        }

        var seen = new HashSet<string> { own };
        var found = new List<string>();
        try
        {
            foreach (var process in Directory.EnumerateDirectories(processDirectory))
            {
                if (int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out _)
                    && NamespaceOf(process) is { } mounts
                    && seen.Add(mounts))
                {
                    found.Add(process);
                    if (found.Count == MaxNamespaces)
                    {
                        break;
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No /proc.
        }

        return found;
    }

    /// <returns><see langword="null"/> for a process of another user, and for one that has ended meanwhile.</returns>
    private static string? NamespaceOf(string process)
    {
        try
        {
            return new FileInfo(Path.Combine(process, "ns", "mnt")).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
