using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting.Cli.Discovery;

/// <summary>The name of a socket, <c>APP.PID.sock</c>. The name of the application is shortened in it if the path would be too long.</summary>
internal sealed record SocketName(string App, int ProcessId)
{
    private const string Extension = ".sock";

    /// <summary>The longest part after the name of the application: a point, ten digits, a hyphen, a digit and the extension.</summary>
    private const int MaxSuffix = 18;

    /// <summary>The longest path that a program uses; on Windows, that of a pipe.</summary>
    private static readonly int MaxPath = OperatingSystem.IsWindows() ? 200 : OperatingSystem.IsMacOS() ? 103 : 107;

    /// <returns><see langword="null"/> if a file with this name is not the socket of a program.</returns>
    public static SocketName? Parse(ReadOnlySpan<char> fileName)
    {
        if (!fileName.EndsWith(Extension, StringComparison.Ordinal))
        {
            return null;
        }

        var stem = fileName[..^Extension.Length];

        // APP.PID-2.sock, if another program with this name and pid uses the directory: both have pid 1 in their containers.
        var suffix = stem.LastIndexOf('-');
        if (suffix > 0 && suffix > stem.LastIndexOf('.') && Number(stem[(suffix + 1)..]) is not null)
        {
            stem = stem[..suffix];
        }

        var dot = stem.LastIndexOf('.');
        return dot > 0 && Number(stem[(dot + 1)..]) is { } processId ? new SocketName(stem[..dot].ToString(), processId) : null;
    }

    /// <summary>Whether a program with this name can have this file name.</summary>
    /// <param name="app">The name of the program.</param>
    /// <param name="path">The path of the file.</param>
    public bool CanBe(string app, string path)
    {
        // In a short path, the beginning of a name is the name of another program.
        var name = FileNameOf(app);
        return MayBeShortened(path) ? name.StartsWith(App, StringComparison.OrdinalIgnoreCase) : name.Equals(App, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Whether the path is so long that the program may have shortened its name. A path in another mount namespace is longer here than for
    /// the program.
    /// </summary>
    private bool MayBeShortened(string path) =>
        Encoding.UTF8.GetByteCount(Path.GetDirectoryName(path) ?? "") + 1 + App.Length + MaxSuffix >= MaxPath;

    /// <summary>Other characters are replaced in the file name, and it does not begin with a point.</summary>
    private static string FileNameOf(string app) =>
        string.Concat(app.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')).TrimStart('.');

    private static int? Number(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
