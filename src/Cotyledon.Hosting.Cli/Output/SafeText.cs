using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>Text that comes from a program or a worker, made safe for one line of a terminal.</summary>
internal static class SafeText
{
    private const int MaxLength = 8 * 1024;

    /// <summary>
    /// Replaces characters that start a new line, control a terminal, are invisible or change the order of characters with their escape
    /// sequences, such as <c>\n</c>, <c>\x1b</c> and <c>\u202e</c>. Text that is too long for a line is cut.
    /// </summary>
    public static string Escape(string text)
    {
        var cut = text.Length > MaxLength;
        var shown = cut ? text.AsSpan(0, MaxLength) : text;
        if (!cut && !NeedsEscape(shown))
        {
            return text;
        }

        var escaped = new StringBuilder(shown.Length + 16);
        while (!shown.IsEmpty)
        {
            // Half a surrogate pair decodes to the replacement character, which is shown as it is.
            Rune.DecodeFromUtf16(shown, out var rune, out var length);
            Append(escaped, rune);
            shown = shown[length..];
        }

        return (cut ? escaped.Append("...") : escaped).ToString();
    }

    /// <summary>Does the same, and shows a text that is absent as <c>-</c>.</summary>
    public static string OrDash(string? text) => string.IsNullOrEmpty(text) ? "-" : Escape(text);

    /// <summary>Returns the first characters of a text that is escaped already.</summary>
    public static string Cut(string text, int width)
    {
        if (TextWidth.Of(text) <= width)
        {
            return text;
        }

        var (used, length) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            used += TextWidth.Of(rune);
            if (used > width - 3)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return width < 3 ? "" : text[..length] + "...";
    }

    private static bool NeedsEscape(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsUnsafe(rune) || rune == Rune.ReplacementChar)
            {
                return true;
            }
        }

        return false;
    }

    private static void Append(StringBuilder text, Rune rune)
    {
        if (!IsUnsafe(rune))
        {
            text.Append(rune);
            return;
        }

        text.Append(rune.Value switch
        {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            <= 0xff => $"\\x{rune.Value.ToString("x2", CultureInfo.InvariantCulture)}",
            <= 0xffff => $"\\u{rune.Value.ToString("x4", CultureInfo.InvariantCulture)}",
            _ => $"\\U{rune.Value.ToString("x8", CultureInfo.InvariantCulture)}",
        });
    }

    /// <summary>Control characters, also C1; invisible ones, to which those belong that change the writing direction; separators of lines.</summary>
    private static bool IsUnsafe(Rune rune) => rune.Value switch
    {
        < 0x7f => rune.Value < 0x20,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
            or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned,
    };
}
