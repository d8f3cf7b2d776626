namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>What both sides keep to, so that neither takes memory without end.</summary>
internal static class Limits
{
    /// <summary>The first bytes of each frame: how long the rest is.</summary>
    public const int LengthSize = 4;

    /// <summary>Length and kind.</summary>
    public const int HeaderSize = LengthSize + 1;

    /// <summary>Bytes. What would be larger is cut.</summary>
    public const int MaxFrame = 256 * 1024;

    /// <summary>
    /// How many bytes are sent and read at a time. The kernel frees them piece by piece, and that is how a worker sees whether its
    /// master still takes anything.
    /// </summary>
    public const int MaxPiece = 16 * 1024;

    /// <summary>Bytes of one text, be it a value, a template or an exception.</summary>
    public const int MaxText = 64 * 1024;

    /// <summary>Deeper values than this become text. Serilog itself goes ten levels down.</summary>
    public const int MaxDepth = 16;

    /// <summary>
    /// How many texts of a worker get a number, and how long they may be: templates and names are few, unless a program builds them
    /// at run time; those go as they are.
    /// </summary>
    public const int MaxKnownTexts = 4096;

    public const int MaxKnownTextLength = 1024;

    /// <summary>
    /// The widest alignment, and the most digits of a number, in a template: a text of a user that became a template must not make
    /// the master allocate gigabytes.
    /// </summary>
    public const int MaxWidth = 1000;

    /// <summary>How many events a worker can report as dropped at once; more is not a number of events.</summary>
    public const ulong MaxDropped = uint.MaxValue;

    /// <summary>For the categories beyond, the master decides event by event.</summary>
    public const int MaxCategories = 4096;
}
