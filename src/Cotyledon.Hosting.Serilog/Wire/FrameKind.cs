namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>
/// The kinds of frames between a worker and the master. A frame has the length of the rest (4 bytes), kind (1) and fields.
/// </summary>
internal enum FrameKind : byte
{
    // From the worker.

    /// <summary>A number and the text that it replaces in later frames.</summary>
    Define = 1,

    /// <summary>The identity of the worker, for all events that follow.</summary>
    Identity = 2,

    /// <summary>A category whose level the worker requests.</summary>
    Category = 3,
    Event = 4,

    /// <summary>The number of events that were lost since the previous frame of this kind.</summary>
    Lost = 5,

    // From the master.

    /// <summary>Categories and their levels.</summary>
    Levels = 16,
}
