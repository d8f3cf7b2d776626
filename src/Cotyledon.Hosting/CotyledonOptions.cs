namespace Cotyledon.Hosting;

/// <summary>Contains the options that apply to all services, section <c>Cotyledon</c>. The configuration overrides code.</summary>
/// <example>
/// <code>
/// builder.Services.AddCotyledon().Configure(options =&gt;
/// {
///     options.Mode = CotyledonMode.Auto;
///     options.GracefulShutdownTimeout = TimeSpan.FromMinutes(2);      // Timeout.InfiniteTimeSpan for no limit
///     options.HookTimeout = TimeSpan.FromSeconds(10);
///     options.ReloadOnChange = true;
///     options.LogOptions = false;
///     options.SecretKeys.Add("pin");
///     options.SpareWorkers = 1;
///     options.MaxConcurrentStarts = 4;
///     options.HostedServicesInWorkers.Add("MyApp.CacheWarmer");
///     options.Control.Enabled = false;
///     options.Cluster.Name = "orders";
/// });
/// </code>
/// </example>
public sealed class CotyledonOptions
{
    /// <summary>The name of the configuration section that these options are read from.</summary>
    public const string SectionName = "Cotyledon";

    /// <summary>Gets or sets where workers run.</summary>
    /// <value>
    /// <see cref="CotyledonMode.Auto"/> by default: each in a process of its own, except in a test host and under <c>dotnet watch</c>. A change takes
    /// effect when the program is started again. Tools that only build the host, such as <c>dotnet ef</c>, never start workers.
    /// </value>
    public CotyledonMode Mode { get; set; }

    /// <summary>
    /// Gets or sets how long a worker may take to stop. Then the worker exits with code 1, or is killed if it cannot. If this happens
    /// while the program stops, the master exits with 1 too.
    /// </summary>
    /// <value>
    /// One minute by default. More than zero, at most one day, or <see cref="Timeout.InfiniteTimeSpan"/> (in the configuration
    /// <c>infinite</c>) for no limit.
    /// </value>
    public TimeSpan GracefulShutdownTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long the master or a worker waits for each hook (<see cref="ICotyledonHooks"/>).</summary>
    /// <value>Ten seconds by default. More than zero, at most one day.</value>
    public TimeSpan HookTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets whether the program reloads when the configuration has changed, for example when a file was saved.</summary>
    /// <value>
    /// <see langword="true"/> by default. Otherwise the program reloads only on request: SIGHUP, <see cref="ICotyledonManager.ReloadAsync"/>, or
    /// <c>IConfigurationRoot.Reload</c>.
    /// </value>
    public bool ReloadOnChange { get; set; } = true;

    /// <summary>Gets or sets whether the effective configuration is logged at level Debug, at the start and after each reload.</summary>
    /// <value>
    /// <see langword="true"/> by default. The log masks the values of keys that contain <c>password</c>, <c>secret</c>, <c>token</c>, <c>key</c>,
    /// <c>connection string</c> or <c>credential</c>, users and passwords in URLs, and passwords in connection strings. Environment variables that
    /// no other source has are logged only if they belong to a section (<c>SECTION__KEY</c>).
    /// </value>
    public bool LogOptions { get; set; } = true;

    /// <summary>Gets more words: <see cref="LogOptions"/> also masks the values of keys that contain one of them, in upper or lower case.</summary>
    /// <value>Empty by default. The configuration adds to it.</value>
    public ISet<string> SecretKeys { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Gets or sets the number of spare workers: started processes that wait for a worker id. When a worker has crashed, or is added or
    /// replaced, a spare worker takes its worker id within a few milliseconds, and another spare worker is started in the background.
    /// </summary>
    /// <value>
    /// 0 by default. 0 to 100; each uses the memory of an idle process. Services with their own <see cref="CotyledonWorkerOptions.Environment"/>
    /// or <see cref="CotyledonWorkerOptions.Nice"/> do not use spare workers. In events their service name is <c>(spare)</c>.
    /// </value>
    public int SpareWorkers { get; set; }

    /// <summary>Gets or sets how many worker processes may be starting at the same time.</summary>
    /// <value><see langword="null"/> by default: two for each processor. At least 1.</value>
    public int? MaxConcurrentStarts { get; set; }

    /// <summary>Gets the full type names of hosted services that run in workers too, beside the service of the worker.</summary>
    /// <value>
    /// Empty by default; <c>services.KeepHostedServiceInWorkers&lt;T&gt;()</c> and the configuration add to it. OpenTelemetry's
    /// <c>TelemetryHostedService</c> always runs in workers.
    /// </value>
    public ISet<string> HostedServicesInWorkers { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Gets the options of the cluster, for services with <see cref="WorkerScope.Cluster"/>.</summary>
    public CotyledonClusterOptions Cluster { get; } = new();

    /// <summary>Gets the options of the control endpoint.</summary>
    /// <value>Enabled by default.</value>
    public CotyledonControlOptions Control { get; } = new();
}
