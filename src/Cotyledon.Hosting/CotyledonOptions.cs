namespace Cotyledon.Hosting;

/// <summary>What holds for all services of the program. Configuration section <c>Cotyledon</c>; the file wins over code.</summary>
public sealed class CotyledonOptions
{
    /// <summary>The configuration section that these options are read from.</summary>
    public const string SectionName = "Cotyledon";

    /// <summary>Where workers run.</summary>
    /// <value>
    /// <see cref="CotyledonMode.Auto"/> by default: in processes, or inside a test host. Holds from the start of the program until
    /// its end. In tools that only build the host, such as <c>dotnet ef</c>, no worker runs in any mode.
    /// </value>
    public CotyledonMode Mode { get; set; }

    /// <summary>How long a worker may take to stop after it was asked to; then it is killed.</summary>
    /// <value>One minute by default. <see cref="TimeSpan.Zero"/> waits for ever. At most one day.</value>
    public TimeSpan GracefulShutdownTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long each call of an <see cref="ICotyledonHooks"/> member may take before nobody waits for it any more.</summary>
    /// <value>Ten seconds by default. More than zero, at most one day.</value>
    public TimeSpan HookTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a change of the configuration is followed at once: a file was saved, a provider has new values.</summary>
    /// <value>
    /// <see langword="true"/> by default. Otherwise only SIGHUP and <see cref="ICotyledonManager.ReloadAsync"/> reload.
    /// </value>
    public bool ReloadOnChange { get; set; } = true;

    /// <summary>
    /// Whether the effective configuration is logged, at Debug, at the start and after each reload. Masked are the values of keys that look
    /// like those of secrets (<c>password</c>, <c>secret</c>, <c>token</c>, <c>key</c>, <c>connection string</c>, <c>credential</c>), users and
    /// passwords in URLs, and passwords in connection strings. Of environment variables that no other source has, only those of a
    /// section are logged (<c>SECTION__KEY</c>).
    /// </summary>
    /// <value><see langword="true"/> by default.</value>
    public bool LogOptions { get; set; } = true;

    /// <summary>Parts of keys whose values <see cref="LogOptions"/> masks too, without regard to case.</summary>
    /// <value>Empty by default. What the configuration has is added.</value>
    public ISet<string> SecretKeys { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// How many worker processes are kept waiting without a service, beside those of the services: one of them takes the place of
    /// a worker that crashed, or that is added or replaced, in a few milliseconds, and is itself replaced in the background.
    /// Services with an <see cref="CotyledonWorkerOptions.Environment"/> or <see cref="CotyledonWorkerOptions.Nice"/> of their own
    /// do not use them. Records of their exits name the service <c>(spare)</c>.
    /// </summary>
    /// <value>0 by default. 0 to 100; each costs the memory of an idle process.</value>
    public int SpareWorkers { get; set; }

    /// <summary>How many worker processes may be on their way from their start to their hello at the same time.</summary>
    /// <value><see langword="null"/> by default: two for each processor. At least 1.</value>
    public int? MaxConcurrentStarts { get; set; }

    /// <summary>
    /// Full names of types of hosted services that run in workers too, beside the worker's own service. They must be
    /// registered as <c>IHostedService</c> by the program or by one of its libraries.
    /// </summary>
    /// <value>Empty by default. OpenTelemetry's <c>TelemetryHostedService</c> always runs in workers.</value>
    public ISet<string> HostedServicesInWorkers { get; } = new HashSet<string>(StringComparer.Ordinal);
}
