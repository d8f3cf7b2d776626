using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting;

/// <summary>Makes text of a worker fit for one line of a log that a person reads in a terminal.</summary>
internal static class LogText
{
    /// <summary>
    /// Replaces what would begin a new line, move the cursor of a terminal or change the order of characters by its escape as text:
    /// <c>\n</c>, <c>\x1b</c>, <c>\u202e</c>. A tab becomes a space.
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

    /// <summary>The same for an optional text.</summary>
    public static string? EscapeOrNull(string? text) => text is null ? null : Escape(text);

    /// <summary>Control characters, the separators of lines and paragraphs, and the overrides of the direction of writing.</summary>
    private static bool IsUnsafe(char character) =>
        char.IsControl(character) || character is >= '\u2028' and <= '\u202e' or >= '\u2066' and <= '\u2069';
}
