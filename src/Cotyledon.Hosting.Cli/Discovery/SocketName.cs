using System.Globalization;

namespace Cotyledon.Hosting.Cli.Discovery;

/// <summary>The name of a socket, <c>APP.PID.sock</c>. The name of the application can be shortened in it.</summary>
internal sealed record SocketName(string App, int ProcessId)
{
    private const string Extension = ".sock";

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
    public bool CanBe(string app) => FileNameOf(app).StartsWith(App, StringComparison.OrdinalIgnoreCase);

    /// <summary>Other characters are replaced in the file name, and it does not begin with a point.</summary>
    private static string FileNameOf(string app) =>
        string.Concat(app.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')).TrimStart('.');

    private static int? Number(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
