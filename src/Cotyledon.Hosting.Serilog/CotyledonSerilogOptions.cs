using Serilog;

namespace Cotyledon.Hosting.Serilog;

/// <summary>
/// Contains the options for the log events of workers. They are set in code, for master and workers alike, because the log is needed before
/// the configuration is validated.
/// </summary>
/// <example>
/// <code>
/// builder.Services.AddCotyledonSerilog(
///     (services, logger) =&gt; logger.WriteTo.File("/var/log/myapp.log"),
///     options =&gt;
///     {
///         options.Mode = CotyledonSerilogMode.Forward;
///         options.ConfigureWorkers = logger =&gt; logger.Enrich.WithThreadId();
///         options.BufferSize = 50_000;
///         options.BufferBytes = 32 * 1024 * 1024;
///         options.FlushTimeout = TimeSpan.FromSeconds(10);
///         options.PreserveStaticLogger = true;
///         options.WriteToProviders = true;
///     });
/// </code>
/// </example>
public sealed class CotyledonSerilogOptions
{
    internal const int MaxBufferSize = 10_000_000;
    internal const long MinBufferBytes = 64 * 1024;
    internal const long MaxBufferBytes = 1024 * 1024 * 1024;
    internal static readonly TimeSpan MaxFlushTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets which process writes the events of workers.</summary>
    /// <value><see cref="CotyledonSerilogMode.Forward"/> by default: the master.</value>
    public CotyledonSerilogMode Mode { get; set; } = CotyledonSerilogMode.Forward;

    /// <summary>
    /// Gets or sets a further configuration of the loggers of workers, for enrichers and destructuring that need the process of the event, such
    /// as the thread id. Sinks, filters and levels are those of the master; with <see cref="CotyledonSerilogMode.Direct"/> this configuration is
    /// applied after the other one. Called once in each worker, when its logger is created.
    /// </summary>
    /// <value><see langword="null"/> by default.</value>
    public Action<LoggerConfiguration>? ConfigureWorkers { get; set; }

    /// <summary>
    /// Gets or sets how many events a worker buffers while the master does not read them. Further events are dropped, counted and reported; a
    /// worker never waits for its log.
    /// </summary>
    /// <value>10,000 by default; 1 to 10,000,000.</value>
    public int BufferSize { get; set; } = 10_000;

    /// <summary>Gets or sets how many bytes of events a worker buffers.</summary>
    /// <value>16 MiB by default; 64 KiB to 1 GiB.</value>
    public long BufferBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Gets or sets how long a worker that exits, also after an exception, waits while the master reads none of its events, and how long a master
    /// that stops waits while its sinks accept none of the events of workers. As long as there is progress, they wait up to ten times as long.
    /// </summary>
    /// <value>5 seconds by default; 0 for no wait, at most one minute.</value>
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets whether <see cref="global::Serilog.Log.Logger"/> is left unchanged, as with <c>AddSerilog</c>.</summary>
    /// <value><see langword="false"/> by default: it is set to the logger of the program, in workers too.</value>
    public bool PreserveStaticLogger { get; set; }

    /// <summary>
    /// Gets or sets whether events are written to the logger providers of Microsoft.Extensions.Logging too, as with <c>AddSerilog</c>.
    /// </summary>
    /// <value><see langword="false"/> by default. With <see cref="CotyledonSerilogMode.Forward"/>, the providers of the master get all events.</value>
    public bool WriteToProviders { get; set; }

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Check()
    {
        Check(Enum.IsDefined(Mode), nameof(Mode), Mode, "Forward or Direct");
        Check(BufferSize is >= 1 and <= MaxBufferSize, nameof(BufferSize), BufferSize, $"1 to {MaxBufferSize}");
        Check(
            BufferBytes is >= MinBufferBytes and <= MaxBufferBytes,
            nameof(BufferBytes),
            BufferBytes,
            $"{MinBufferBytes} to {MaxBufferBytes}");
        Check(
            FlushTimeout >= TimeSpan.Zero && FlushTimeout <= MaxFlushTimeout,
            nameof(FlushTimeout),
            FlushTimeout,
            $"00:00:00 to {MaxFlushTimeout}");
    }

    private static void Check(bool isGood, string name, object value, string allowed)
    {
        if (!isGood)
        {
            throw new ArgumentException($"{nameof(CotyledonSerilogOptions)}.{name} is {value}; it must be {allowed}.");
        }
    }
}
