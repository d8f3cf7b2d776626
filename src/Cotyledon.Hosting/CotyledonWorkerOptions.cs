namespace Cotyledon.Hosting;

/// <summary>
/// Contains the options of one service, section <c>Cotyledon:Services:NAME</c>. The configuration overrides code. The name of the options
/// is the name of the service.
/// </summary>
/// <example>
/// <code>
/// builder.Services.AddCotyledonWorker&lt;Poller&gt;().Configure(options =&gt;
/// {
///     options.Workers = 4;
///     options.GracefulShutdownTimeout = TimeSpan.FromMinutes(2);
///     options.ReadyTimeout = TimeSpan.FromSeconds(30);
///     options.WaitForMarkReady = true;
///     options.ReloadMethod = ReloadMethod.Restart;
///     options.MaxUnavailable = 2;
///     options.RestartBackoff = TimeSpan.FromSeconds(1);
///     options.MaxRestartBackoff = TimeSpan.FromMinutes(1);
///     options.StableAfter = TimeSpan.FromSeconds(30);
///     options.MaxRestarts = 5;
///     options.MaxRestartsWindow = TimeSpan.FromMinutes(5);
///     options.OnGiveUp = GiveUpAction.StopHost;
///     options.LivenessTimeout = TimeSpan.FromSeconds(30);
///     options.MaxAge = TimeSpan.FromDays(1);
///     options.MaxMemory = 800 * 1024 * 1024;
///     options.Environment["DOTNET_GCHeapHardLimit"] = "20000000";
///     options.Nice = 10;
///     options.Scope = WorkerScope.Program;
///     options.MaxWorkersHere = 1;
/// });
/// </code>
/// </example>
public sealed class CotyledonWorkerOptions
{
    /// <summary>Gets or sets the number of workers.</summary>
    /// <value>The number of the registration, 1 by default. 0 (no workers) to 10,000.</value>
    public int Workers { get; set; } = 1;

    /// <summary>Gets or sets where the worker ids are unique. A change takes effect when the program is started again.</summary>
    /// <value>
    /// <see cref="WorkerScope.Program"/> by default. <see cref="WorkerScope.Cluster"/> needs a cluster store, such as the package
    /// Cotyledon.Hosting.Cluster.Postgres; <see cref="Workers"/> is the number of workers in the whole cluster then.
    /// </value>
    public WorkerScope Scope { get; set; }

    /// <summary>
    /// Gets or sets the largest number of workers of this service in this program, if its <see cref="Scope"/> is <see cref="WorkerScope.Cluster"/>.
    /// </summary>
    /// <value><see langword="null"/> by default: no limit. 0 (this program never runs one) to 10,000.</value>
    public int? MaxWorkersHere { get; set; }

    /// <summary>
    /// Gets or sets how long a worker of this service may take to stop. Then the worker exits with code 1, or is killed if it cannot. If
    /// this happens while the program stops, the master exits with 1 too.
    /// </summary>
    /// <value>
    /// <see langword="null"/> by default: <see cref="CotyledonOptions.GracefulShutdownTimeout"/>. Otherwise more than zero, at most one day, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> (in the configuration <c>infinite</c>) for no limit.
    /// </value>
    public TimeSpan? GracefulShutdownTimeout { get; set; }

    /// <summary>
    /// Gets or sets how long a worker may take from the start of its process until it is ready. Then it is killed and restarted. The time in
    /// which a process waits for a worker id, as a spare worker or as a successor, does not count.
    /// </summary>
    /// <value>
    /// One minute by default. More than zero, at most one day, or <see cref="Timeout.InfiniteTimeSpan"/> (in the configuration
    /// <c>infinite</c>) for no limit.
    /// </value>
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets whether a worker is ready only when its service calls <see cref="IWorkerContext.MarkReady"/>, instead of when
    /// <c>StartAsync</c> has returned.
    /// </summary>
    /// <value><see langword="false"/> by default.</value>
    public bool WaitForMarkReady { get; set; }

    /// <summary>Gets or sets how the workers take a new configuration.</summary>
    /// <value><see cref="ReloadMethod.Auto"/> by default.</value>
    public ReloadMethod ReloadMethod { get; set; }

    /// <summary>Gets or sets how many workers may be missing at the same time during a rolling restart.</summary>
    /// <value>1 by default. 1 to 10,000.</value>
    public int MaxUnavailable { get; set; } = 1;

    /// <summary>
    /// Gets or sets the delay before the second restart in a row of a worker that was not stable (<see cref="StableAfter"/>). The first
    /// restart is immediate; each further delay is twice as long, plus or minus a random quarter.
    /// </summary>
    /// <value>Half a second by default. More than zero, at most <see cref="MaxRestartBackoff"/>.</value>
    public TimeSpan RestartBackoff { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Gets or sets the longest delay before a restart.</summary>
    /// <value>30 seconds by default. At least <see cref="RestartBackoff"/>, at most one day.</value>
    public TimeSpan MaxRestartBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long a worker must have been ready for its next crash to count as the first one again.</summary>
    /// <value>Ten seconds by default. Zero (every crash is the first) to one day.</value>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how many crashes of one worker id within <see cref="MaxRestartsWindow"/> are followed by a restart.</summary>
    /// <value>
    /// <see langword="null"/> by default: any number. After the next crash the master does what <see cref="OnGiveUp"/> specifies; with 0 that
    /// is the first crash.
    /// </value>
    public int? MaxRestarts { get; set; }

    /// <summary>Gets or sets the period over which crashes count for <see cref="MaxRestarts"/>.</summary>
    /// <value>One minute by default. More than zero, at most one day.</value>
    public TimeSpan MaxRestartsWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets what the master does when a worker has crashed more often than <see cref="MaxRestarts"/>.</summary>
    /// <value><see cref="GiveUpAction.KeepDown"/> by default.</value>
    public GiveUpAction OnGiveUp { get; set; }

    /// <summary>
    /// Gets or sets how long a worker may show no sign of life before it counts as hung. It is then stopped, or killed if it does not stop, and
    /// replaced. A sign of life is that its thread pool runs, or a call of <see cref="IWorkerContext.ReportAlive"/>. Pauses of the master do
    /// not count.
    /// </summary>
    /// <value>
    /// <see langword="null"/> or <see cref="Timeout.InfiniteTimeSpan"/>, the default: workers are not checked. Otherwise one second to one day; a
    /// hung worker is detected at most a quarter of this time later.
    /// </value>
    public TimeSpan? LivenessTimeout { get; set; }

    /// <summary>Gets or sets the age at which a worker is replaced, counted from the time at which it was ready.</summary>
    /// <value>
    /// <see langword="null"/> by default: no limit. Otherwise one second to one year. Workers are replaced as in a rolling restart, up to a tenth
    /// earlier, at random.
    /// </value>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>Gets or sets the memory in bytes at which a worker is replaced.</summary>
    /// <value>
    /// <see langword="null"/> by default: no limit. Otherwise one mebibyte or more; in the configuration a number of bytes, or with a unit:
    /// <c>800M</c>, <c>2 GiB</c> (units are powers of 1024). The proportional set size is measured every five seconds: pages that processes share
    /// are divided among them. Workers are replaced as in a rolling restart, up to a tenth earlier, at random.
    /// </value>
    public long? MaxMemory { get; set; }

    /// <summary>
    /// Gets environment variables of the worker processes, in addition to those of the master; <see langword="null"/> removes a variable. They
    /// can also limit the garbage collector of a service (<c>DOTNET_GCHeapHardLimit</c>). A change replaces the workers.
    /// </summary>
    /// <value>Empty by default.</value>
    public IDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>
    /// Gets or sets the nice value of the worker processes, from 19 (lowest priority) to -20 (highest priority). A lower value than that of the
    /// master needs privileges. A change replaces the workers. On Windows it selects the priority class: above 10 idle, 1 to 10 below normal,
    /// 0 normal, -1 to -10 above normal, below -10 high.
    /// </summary>
    /// <value><see langword="null"/> by default: the nice value of the master. Otherwise -20 to 19.</value>
    public int? Nice { get; set; }
}
