namespace Cotyledon.Hosting.Cli.Discovery;

/// <summary>Finds the named pipes of programs on Windows.</summary>
internal sealed class PipeFinder : ISocketFinder
{
    /// <summary>The directory of all named pipes.</summary>
    public const string Directory = @"\\.\pipe\";

    /// <summary>The beginning of the name of the pipe of a program.</summary>
    public const string Prefix = "cotyledon.";

    public IReadOnlyList<ControlSocket> Find()
    {
        try
        {
            return
            [
                .. System.IO.Directory.EnumerateFiles(Directory)
                    .Select(path => path[Directory.Length..])
                    .Where(name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                    .Select(name => new ControlSocket(name, SocketName.Parse($"{name.AsSpan(Prefix.Length)}.sock")))
                    .Where(pipe => pipe.Name is not null),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
