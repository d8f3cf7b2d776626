namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>The words between a worker and the master. Each frame: length of the rest (4 bytes), kind (1), fields.</summary>
internal enum FrameKind : byte
{
    // From the worker.

    /// <summary>From now on this number stands for this text.</summary>
    Define = 1,

    /// <summary>Who the worker is, for all events that follow.</summary>
    Identity = 2,

    /// <summary>A category whose level the worker wants to know.</summary>
    Category = 3,
    Event = 4,

    /// <summary>How many events were lost since the last time.</summary>
    Lost = 5,

    // From the master.

    /// <summary>Categories and their levels.</summary>
    Levels = 16,
}
