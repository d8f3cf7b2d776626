namespace Cotyledon.Hosting;

/// <summary>The options of one queue, section <c>Cotyledon:Queues:NAME</c>. The master's are in force, for all processes.</summary>
public sealed class CotyledonQueueOptions
{
    /// <summary>Where the queue lives: <c>Memory</c> (in the master), <c>File</c>, or what another package adds, as <c>Nats</c>.</summary>
    /// <value><c>Memory</c>. Read at the start.</value>
    public string Provider { get; set; } = "Memory";

    /// <summary>The file of provider <c>File</c>.</summary>
    /// <value><see langword="null"/> for <c>queues/NAME.db</c> in the content root. Read at the start.</value>
    public string? Path { get; set; }

    /// <summary>The server of providers that have one, such as <c>nats://127.0.0.1:4222</c>; several with commas.</summary>
    /// <value><see langword="null"/>. Read at the start.</value>
    public string? Url { get; set; }

    /// <summary>With so many items in the queue, taken ones included, adding waits. A single call may go beyond it.</summary>
    /// <value>100,000; 0 for no limit. Read at the start.</value>
    public int Capacity { get; set; } = 100_000;

    /// <summary>The largest item, in bytes as it is stored; a larger one is refused.</summary>
    /// <value>1 MiB; at most 64 MiB. Read at the start.</value>
    public int MaxItemSize { get; set; } = 1024 * 1024;

    /// <summary>An item that was taken so often and not completed is dead: kept, listed, and taken by nobody.</summary>
    /// <value>10; 0 for any number. Read at the start.</value>
    public int MaxAttempts { get; set; } = 10;

    /// <summary>
    /// How many dead items provider <c>Memory</c> keeps. Beyond it the one that died first is dropped, which is counted and logged.
    /// The other providers keep all.
    /// </summary>
    /// <value>1,000; at least 1. Read at the start.</value>
    public int MaxDead { get; set; } = 1000;

    /// <summary>An item that is not completed within this time goes to another reader, though its worker lives.</summary>
    /// <value>Zero: never. Else a second or more. Read at the start.</value>
    public TimeSpan LeaseTimeout { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// How many items a process fetches ahead at most. It fetches what it handles in some five milliseconds: with slow items that
    /// is one.
    /// </summary>
    /// <value>1,000. 1 to fetch nothing ahead. Read at the start.</value>
    public int MaxPrefetch { get; set; } = 1000;
}
