namespace Cotyledon.Hosting.Cli.Output;

/// <summary>The colours of a text.</summary>
internal enum Tone
{
    Plain,
    Bold,
    Good,
    Warning,
    Bad,
    Inverse,
}

/// <summary>Colours for a terminal; none for a file, a pipe, or with <c>NO_COLOR</c>.</summary>
internal sealed class Style(bool colored)
{
    public static Style None { get; } = new(false);

    public string Of(string text, Tone tone) => !colored || tone == Tone.Plain || text.Length == 0
        ? text
        : $"\e[{Code(tone)}m{text}\e[0m";

    private static string Code(Tone tone) => tone switch
    {
        Tone.Bold => "1",
        Tone.Good => "32",
        Tone.Warning => "33",
        Tone.Bad => "31",
        _ => "7",
    };
}
