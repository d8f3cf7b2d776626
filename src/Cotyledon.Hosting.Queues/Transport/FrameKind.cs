namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>The words between a worker and the master. Each frame: length of the rest (4 bytes), kind (1), queue (2), fields.</summary>
internal enum FrameKind : byte
{
    // From the worker. Requests bear a number, and are answered.

    /// <summary>Number of the queue for this connection, and its name.</summary>
    Open = 1,
    Enqueue = 2,
    CancelEnqueue = 3,
    Grant = 4,
    Settle = 5,
    GetStatistics = 6,
    GetDead = 7,
    RetryDead = 8,

    // From the master.
    Items = 16,
    Answer = 17,
    Failure = 18,
    Cancelled = 19,
}
