using System.Globalization;

namespace Cotyledon.Hosting.Cli.Output;

/// <summary>A cell of a table.</summary>
/// <param name="Text">The text, which is escaped already.</param>
/// <param name="Tone">Its colour.</param>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public int Width => TextWidth.Of(Text);

    public static implicit operator Cell(string text) => new(text);

    public static implicit operator Cell(long number) => new(number.ToString(CultureInfo.InvariantCulture));
}
