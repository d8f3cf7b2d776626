using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Cli.Discovery;

/// <summary>
/// Finds sockets in the directories in which programs create them, in the table of the kernel, and in other mount namespaces.
/// </summary>
/// <param name="variable">Returns an environment variable.</param>
/// <param name="userId">The user of this process; 0 also sees the directories of other users.</param>
/// <param name="root">The root directory.</param>
internal sealed class UnixSocketFinder(Func<string, string?> variable, uint userId, string root = "/") : ISocketFinder
{
    private const int MaxSockets = 512;

    private string ProcessDirectory => Path.Combine(root, "proc");

    public IReadOnlyList<ControlSocket> Find()
    {
        var paths = Directories().SelectMany(SocketsIn).Concat(ListeningHere()).Concat(ListeningElsewhere());
        return
        [
            .. paths.DistinctBy(FileAt).Take(MaxSockets)
                .Select(path => new ControlSocket(path, SocketName.Parse(Path.GetFileName(path.AsSpan())))),
        ];
    }

    /// <summary>Identifies the file at a path, or the path if the file cannot be examined.</summary>
    private static (ulong Device, ulong Inode, string Path) FileAt(string path) =>
        OwnedFile.Read(path) is { } file ? (file.Device, file.Inode, "") : (0ul, 0ul, path);

    private static IEnumerable<string> SocketsIn(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFiles(directory, "*.sock").Where(path => SocketName.Parse(Path.GetFileName(path.AsSpan())) is not null).Take(MaxSockets)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The same directories as in the program, which may have been started with another environment.</summary>
    private IEnumerable<string> Directories()
    {
        foreach (var directory in (variable("RUNTIME_DIRECTORY") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return directory;
        }

        yield return Path.Combine(root, "run", "cotyledon");
        if (variable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime)
        {
            yield return Path.Combine(runtime, "cotyledon");
        }

        yield return Path.Combine(root, "tmp", $"cotyledon-{userId}");
    }

    private IReadOnlyList<string> ListeningHere() => UnixSocketTable.Read(Path.Combine(ProcessDirectory, "net", "unix"));

    /// <summary>
    /// A path of another mount namespace can name another file here, or none. A directory that both share gives the same file twice.
    /// </summary>
    private IEnumerable<string> ListeningElsewhere() =>
        from process in MountNamespaces.Find(ProcessDirectory)
        from path in UnixSocketTable.Read(Path.Combine(process, "net", "unix"))
        let there = $"{process}/root{path}"
        where File.Exists(there)
        select there;
}
