namespace Cotyledon.Hosting.Web;

/// <summary>
/// Contains the options of a web application in worker processes, section <c>Cotyledon:Web</c>. The configuration overrides code. They are read
/// at the start of a process. The options of the workers, such as their number, are in section <c>Cotyledon:Services:Web</c>.
/// </summary>
/// <example>
/// <code>
/// builder.AddCotyledonWeb(workers: 4).Configure(options =&gt;
/// {
///     options.DrainTimeout = TimeSpan.FromSeconds(10);       // for idle connections of a worker that stops
///     options.MaxRequests = 100_000;                         // then the worker is replaced
///     options.MaxConnectionWait = TimeSpan.FromMinutes(1);   // while no worker can take a connection
///     options.Affinity = WebAffinity.ClientAddress;          // the connections of a client go to the same worker
///     options.MasterEndpoints.Add("Management");             // served by the master: health, live page
/// });
/// </code>
/// </example>
public sealed class CotyledonWebOptions
{
    /// <summary>
    /// Gets or sets how long idle connections of a worker that stops stay open, so that a client can still use them for one request, which is
    /// answered with <c>Connection: close</c>. It is a part of the graceful timeout of the worker.
    /// </summary>
    /// <value>Five seconds by default. More than zero, at most one day.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets after how many requests a worker is replaced, as in a rolling restart. Each worker chooses a limit up to a tenth lower, at
    /// random.
    /// </summary>
    /// <value><see langword="null"/> by default: no limit. Otherwise 1 or more.</value>
    public int? MaxRequests { get; set; }

    /// <summary>
    /// Gets or sets how long a connection waits while no worker can take it, for example because the only worker is restarted. Then it is
    /// closed.
    /// </summary>
    /// <value>30 seconds by default. More than zero, at most one day.</value>
    public TimeSpan MaxConnectionWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets which worker gets a new connection.</summary>
    /// <value><see cref="WebAffinity.None"/> by default.</value>
    public WebAffinity Affinity { get; set; }

    /// <summary>
    /// Gets the names of endpoints in section <c>Kestrel:Endpoints</c> that the master serves itself, for example for health checks and
    /// the live page.
    /// </summary>
    /// <value>Empty by default. Each needs an address of its own.</value>
    public IList<string> MasterEndpoints { get; } = [];
}
