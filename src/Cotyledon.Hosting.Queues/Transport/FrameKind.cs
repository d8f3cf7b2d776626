namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>
/// The kinds of frames between a worker and the master. A frame has the length of the rest (4 bytes), kind (1), queue (2) and fields.
/// </summary>
internal enum FrameKind : byte
{
    // From the worker. Enqueue, GetStatistics, GetDead, RetryDead and DeleteDead are requests: they have a number and are answered.

    /// <summary>Gives a queue, by its name, a number on this connection.</summary>
    Open = 1,
    Enqueue = 2,
    CancelEnqueue = 3,
    Grant = 4,
    Settle = 5,
    GetStatistics = 6,
    GetDead = 7,
    RetryDead = 8,
    DeleteDead = 9,

    // From the master.
    Items = 16,
    Answer = 17,
    Failure = 18,
    Cancelled = 19,
}
