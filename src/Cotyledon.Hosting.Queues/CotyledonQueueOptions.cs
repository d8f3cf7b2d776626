namespace Cotyledon.Hosting.Queues;

/// <summary>
/// Contains the options of one queue, section <c>Cotyledon:Queues:NAME</c>. The options of the master apply in all processes. A change takes
/// effect when the program is started again. However, a worker that is replaced before may already use new values of <see cref="MaxItemSize"/> and
/// <see cref="MaxPrefetch"/>. The master still enforces the <see cref="MaxItemSize"/> of its start.
/// </summary>
/// <example>
/// <code>
/// builder.Services.AddCotyledonQueue&lt;Sample&gt;("samples").Configure(options =&gt;
/// {
///     options.Provider = "File";
///     options.Path = "/var/lib/myapp/samples.db";
///     options.Url = null;
///     options.Capacity = 1_000_000;
///     options.MaxItemSize = 64 * 1024;
///     options.MaxAttempts = 5;
///     options.MaxDead = 100;
///     options.LeaseTimeout = TimeSpan.FromMinutes(5);
///     options.MaxPrefetch = 100;
/// });
/// </code>
/// </example>
public sealed class CotyledonQueueOptions
{
    /// <summary>Gets or sets where the queue is stored.</summary>
    /// <value>
    /// <c>Memory</c> by default: in the memory of the master. Otherwise <c>File</c>, or the provider of another package, such as <c>Nats</c>.
    /// </value>
    public string Provider { get; set; } = "Memory";

    /// <summary>Gets or sets the file of provider <c>File</c>.</summary>
    /// <value><see langword="null"/> by default: <c>queues/NAME.db</c> in the content root.</value>
    public string? Path { get; set; }

    /// <summary>Gets or sets the server of providers that have one, such as <c>nats://127.0.0.1:4222</c>; several are separated by commas.</summary>
    /// <value><see langword="null"/> by default.</value>
    public string? Url { get; set; }

    /// <summary>
    /// Gets or sets the number of items, delivered ones included, at which adding waits. A call of <see cref="ICotyledonQueue{T}.EnqueueRangeAsync"/>
    /// can exceed it.
    /// </summary>
    /// <value>100,000 by default; at least 1, or <see langword="null"/> for no limit.</value>
    public int? Capacity { get; set; } = 100_000;

    /// <summary>Gets or sets the size of the largest item, in bytes as it is stored. Larger items are refused.</summary>
    /// <value>1 MiB by default; 1 byte to 64 MiB.</value>
    public int MaxItemSize { get; set; } = 1024 * 1024;

    /// <summary>
    /// Gets or sets the number of deliveries without completion after which an item is dead: it is kept and listed, and not delivered any more.
    /// </summary>
    /// <value>10 by default; at least 1, or <see langword="null"/> for no limit.</value>
    public int? MaxAttempts { get; set; } = 10;

    /// <summary>
    /// Gets or sets how many dead items provider <c>Memory</c> keeps. Beyond that the oldest dead item is dropped, which is counted and logged.
    /// The other providers keep all.
    /// </summary>
    /// <value>1,000 by default; at least 1.</value>
    public int MaxDead { get; set; } = 1000;

    /// <summary>Gets or sets the time after which an item that is not completed is delivered to another reader, even if its worker is alive.</summary>
    /// <value><see langword="null"/> by default: never. Otherwise one second to one day.</value>
    public TimeSpan? LeaseTimeout { get; set; }

    /// <summary>
    /// Gets or sets how many items a process fetches in advance at most. It fetches as many as it completes in about five milliseconds: one, if
    /// items take longer.
    /// </summary>
    /// <value>1,000 by default; 1 (nothing is fetched in advance) to 1,000,000.</value>
    public int MaxPrefetch { get; set; } = 1000;
}
