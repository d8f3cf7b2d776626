using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting.Control;

/// <summary>The names of the files of control sockets: <c>APP.PID.sock</c>, or <c>APP.PID-2.sock</c> if that one is in use.</summary>
internal static class ControlSocketName
{
    private const string Extension = ".sock";

    /// <summary>The longest part for the process id and a suffix: a point, ten digits, a hyphen and a digit.</summary>
    private const int MaxPidLength = 13;

    /// <summary>
    /// Returns the part of the name for the program, without characters that have a meaning in a path or a shell, and short enough for
    /// the directory.
    /// </summary>
    /// <param name="program">The name of the program.</param>
    /// <param name="directory">The directory of the socket.</param>
    /// <param name="maxPath">The largest number of bytes of the path.</param>
    /// <returns>The part, or null if the path of the directory is too long.</returns>
    public static string? Base(string program, string directory, int maxPath)
    {
        var room = maxPath - Encoding.UTF8.GetByteCount(directory) - 1 - MaxPidLength - Extension.Length;
        var name = string.Concat(program.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')).TrimStart('.');
        return room < 1 ? null : name.Length == 0 ? "_" : name[..Math.Min(name.Length, room)];
    }

    /// <summary>Returns the name of a file.</summary>
    /// <param name="name">The part for the program.</param>
    /// <param name="processId">The process id.</param>
    /// <param name="attempt">1, or more if the names before are in use.</param>
    public static string Of(string name, int processId, int attempt) => attempt == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{name}.{processId}{Extension}")
        : string.Create(CultureInfo.InvariantCulture, $"{name}.{processId}-{attempt}{Extension}");

    /// <summary>Returns whether a file is a socket of the same program, of any process.</summary>
    public static bool IsOf(string name, string file)
    {
        if (!file.StartsWith(name + ".", StringComparison.Ordinal) || !file.EndsWith(Extension, StringComparison.Ordinal)
            || file.Length < name.Length + 1 + Extension.Length)
        {
            return false;
        }

        var parts = file[(name.Length + 1)..^Extension.Length].Split('-');
        return parts.Length <= 2 && parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit));
    }
}
