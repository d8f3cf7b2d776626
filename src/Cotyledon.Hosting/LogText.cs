using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting;

/// <summary>Escapes text of a worker, so that it is safe in one line of a log that is shown in a terminal.</summary>
internal static class LogText
{
    /// <summary>
    /// Replaces characters that start a new line, control a terminal or change the order of characters with their escape sequences, such as
    /// <c>\n</c>, <c>\x1b</c> and <c>\u202e</c>. A tab is replaced with a space.
    /// </summary>
    public static string Escape(string text)
    {
        if (!text.Any(IsUnsafe))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 16);
        foreach (var character in text)
        {
            switch (character)
            {
                case '\t':
                    escaped.Append(' ');
                    break;
                case '\n':
                    escaped.Append("\\n");
                    break;
                case '\r':
                    escaped.Append("\\r");
                    break;
                case var _ when IsUnsafe(character):
                    var isByte = character <= 0xff;
                    escaped.Append(isByte ? "\\x" : "\\u")
                        .Append(((int)character).ToString(isByte ? "x2" : "x4", CultureInfo.InvariantCulture));
                    break;
                default:
                    escaped.Append(character);
                    break;
            }
        }

        return escaped.ToString();
    }

    /// <summary>Does the same for an optional text.</summary>
    public static string? EscapeOrNull(string? text) => text is null ? null : Escape(text);

    /// <summary>Returns whether it is a control character, a line or paragraph separator, or changes the writing direction.</summary>
    private static bool IsUnsafe(char character) =>
        char.IsControl(character) || character is >= '\u2028' and <= '\u202e' or >= '\u2066' and <= '\u2069';
}
