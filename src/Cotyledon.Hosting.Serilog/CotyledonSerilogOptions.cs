using Serilog;

namespace Cotyledon.Hosting.Serilog;

/// <summary>
/// How events get from workers into the log. Set in code, the same in master and workers: the log is there before any configuration
/// is checked.
/// </summary>
public sealed class CotyledonSerilogOptions
{
    internal const int MaxBufferSize = 10_000_000;
    internal const long MinBufferBytes = 64 * 1024;
    internal const long MaxBufferBytes = 1024 * 1024 * 1024;
    internal static readonly TimeSpan MaxFlushTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Who writes the events of workers.</summary>
    /// <value><see cref="CotyledonSerilogMode.Forward"/>.</value>
    public CotyledonSerilogMode Mode { get; set; } = CotyledonSerilogMode.Forward;

    /// <summary>
    /// Configures the loggers of workers only, for what has to happen where an event arises: enrichers such as one for the thread,
    /// and destructuring. Sinks, filters and levels are the master's. In <see cref="CotyledonSerilogMode.Direct"/> it comes on top of
    /// the rest. Called once in each worker, when the logger is made.
    /// </summary>
    /// <value><see langword="null"/>.</value>
    public Action<LoggerConfiguration>? ConfigureWorkers { get; set; }

    /// <summary>
    /// How many events may wait in a worker while the master does not take them. What comes then is dropped, counted and reported:
    /// a worker never waits for its log.
    /// </summary>
    /// <value>10,000; at most 10,000,000.</value>
    public int BufferSize { get; set; } = 10_000;

    /// <summary>How many bytes the waiting events may have.</summary>
    /// <value>16 MiB; 64 KiB to 1 GiB.</value>
    public long BufferBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// How long a worker that ends, or crashes with an exception, waits for a master that takes nothing of what is to be sent, and how
    /// long a master that stops waits for a log that takes nothing of what workers have sent. While something goes, it goes on, up to
    /// ten times as long.
    /// </summary>
    /// <value>5 seconds; 0 for not at all, at most a minute.</value>
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether <see cref="global::Serilog.Log.Logger"/> stays as it is, as with <c>AddSerilog</c>.</summary>
    /// <value><see langword="false"/>: it becomes the program's logger, in workers too.</value>
    public bool PreserveStaticLogger { get; set; }

    /// <summary>Whether events go to the logger providers of Microsoft.Extensions.Logging too, as with <c>AddSerilog</c>.</summary>
    /// <value><see langword="false"/>. When forwarding, the providers of the master get all events.</value>
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
