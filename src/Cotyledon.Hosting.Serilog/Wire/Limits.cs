namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>The limits of both sides, so that the memory of each is bounded.</summary>
internal static class Limits
{
    /// <summary>The size of the largest frame in bytes. Larger events are cut.</summary>
    public const int MaxFrame = 256 * 1024;

    /// <summary>
    /// The number of bytes that are sent and read at a time. The kernel frees the buffer of the socket in such pieces, and by this a worker
    /// sees whether the master still reads.
    /// </summary>
    public const int MaxPiece = 16 * 1024;

    /// <summary>The size of the longest text, in bytes: a value, a template or an exception.</summary>
    public const int MaxText = 64 * 1024;

    /// <summary>Values that are nested more deeply become text. The default limit of Serilog is ten levels.</summary>
    public const int MaxDepth = 16;

    /// <summary>
    /// The largest number of texts of a worker that get a number; <see cref="MaxKnownTextLength"/> limits their length. Usually templates
    /// and names are few. If a program builds them at run time, the texts beyond the limit are sent in full.
    /// </summary>
    public const int MaxKnownTexts = 4096;

    public const int MaxKnownTextLength = 1024;

    /// <summary>
    /// The largest alignment, and the largest number of digits, in a template. Otherwise user input that is used as a template could make
    /// the master allocate gigabytes.
    /// </summary>
    public const int MaxWidth = 1000;

    /// <summary>The largest number of dropped events in one report. A larger number is not valid.</summary>
    public const ulong MaxDropped = uint.MaxValue;

    /// <summary>
    /// The largest number of categories whose levels are sent to workers. Events of further categories are filtered by the master.
    /// </summary>
    public const int MaxCategories = 4096;
}
