namespace Cotyledon.Hosting.Cli.Discovery;

/// <summary>The table of Unix sockets of a network namespace, <c>/proc/net/unix</c>.</summary>
internal static class UnixSocketTable
{
    private const string Listening = "00010000"; // __SO_ACCEPTCON
    private const int FlagsField = 3;
    private const int PathField = 7;
    private const int MaxSockets = 1_000;

    /// <summary>Returns the paths of the listening sockets that have the name of a control socket.</summary>
    public static IReadOnlyList<string> Read(string file)
    {
        try
        {
            return [.. Parse(File.ReadLines(file)).Distinct().Take(MaxSockets)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Num: RefCount Protocol Flags Type St Inode Path. The path can have spaces, and is absent for sockets without a name.</summary>
    public static IEnumerable<string> Parse(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var fields = line.Split(' ', PathField + 1, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == PathField + 1
                && fields[FlagsField] == Listening
                && fields[PathField].StartsWith('/')
                && SocketName.Parse(Path.GetFileName(fields[PathField].AsSpan())) is not null)
            {
                yield return fields[PathField];
            }
        }
    }
}
