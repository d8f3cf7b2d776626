namespace Cotyledon.Hosting;

/// <summary>
/// What holds for one service. Configuration section <c>Cotyledon:Services:NAME</c>; the file wins over code. The name of the
/// options is the name of the service.
/// </summary>
public sealed class CotyledonWorkerOptions
{
    /// <summary>How many worker processes the service is to have.</summary>
    /// <value>What the registration says, 1 by default. 0 (a pause) to 10,000.</value>
    public int Workers { get; set; } = 1;

    /// <summary>As <see cref="CotyledonOptions.GracefulShutdownTimeout"/>, for this service.</summary>
    /// <value><see langword="null"/> by default: the value for all services. <see cref="TimeSpan.Zero"/> waits for ever.</value>
    public TimeSpan? GracefulShutdownTimeout { get; set; }

    /// <summary>How long a worker may take from the start of its process until it is ready; then it is killed.</summary>
    /// <value>One minute by default. <see cref="TimeSpan.Zero"/> waits for ever. At most one day.</value>
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether a worker is ready only when its service calls <see cref="IWorkerContext.MarkReady"/>, and not already when
    /// <c>StartAsync</c> has returned.
    /// </summary>
    /// <value><see langword="false"/> by default.</value>
    public bool WaitForMarkReady { get; set; }

    /// <summary>How the workers take a new configuration.</summary>
    /// <value><see cref="ReloadMethod.Auto"/> by default.</value>
    public ReloadMethod ReloadMethod { get; set; }

    /// <summary>How many workers of the service a planned replacement may take away at the same time.</summary>
    /// <value>1 by default. 1 to 10,000.</value>
    public int MaxUnavailable { get; set; } = 1;

    /// <summary>
    /// The wait before the second restart in a row of a slot whose workers do not live <see cref="StableAfter"/>. The first
    /// restart is made at once; each further wait is twice as long, give or take a quarter at random.
    /// </summary>
    /// <value>Half a second by default. More than zero, at most <see cref="MaxRestartBackoff"/>.</value>
    public TimeSpan RestartBackoff { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest wait before a restart.</summary>
    /// <value>30 seconds by default. At least <see cref="RestartBackoff"/>, at most one day.</value>
    public TimeSpan MaxRestartBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a worker must have been ready for its next crash to count as the first one again.</summary>
    /// <value>Ten seconds by default. Zero (every crash is the first) to one day.</value>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many crashes of one slot within <see cref="MaxRestartsWindow"/> are answered with a restart.</summary>
    /// <value>
    /// <see langword="null"/> by default: any number. The crash after that many is answered as <see cref="OnGiveUp"/> says; with 0 it is the
    /// first one.
    /// </value>
    public int? MaxRestarts { get; set; }

    /// <summary>The time over which <see cref="MaxRestarts"/> counts.</summary>
    /// <value>One minute by default. More than zero, at most one day.</value>
    public TimeSpan MaxRestartsWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What happens when a slot has crashed more than <see cref="MaxRestarts"/> times.</summary>
    /// <value><see cref="GiveUpAction.KeepDown"/> by default.</value>
    public GiveUpAction OnGiveUp { get; set; }

    /// <summary>
    /// How long a worker may be silent before it counts as hung: it is then asked to stop, killed at its graceful timeout, and
    /// replaced. Its thread pool says that it is alive, or the service by <see cref="IWorkerContext.ReportAlive"/>. A pause of the
    /// master itself is not held against the workers.
    /// </summary>
    /// <value>Zero by default: nobody looks. Otherwise one second to one day; noticed after up to a quarter more.</value>
    public TimeSpan LivenessTimeout { get; set; }

    /// <summary>
    /// The age, from the moment when it was ready, at which a worker is replaced, as a rolling restart does it; up to a tenth
    /// earlier, at random.
    /// </summary>
    /// <value><see langword="null"/> by default: no limit. Otherwise one second to one year.</value>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>
    /// The memory in bytes at which a worker is replaced, as a rolling restart does it; up to a tenth less, at random. Counted is
    /// the proportional set size (pages that processes share are divided among them), every five seconds.
    /// </summary>
    /// <value>
    /// <see langword="null"/> by default: no limit. Otherwise one mebibyte or more. In the configuration a number of bytes, or with a
    /// unit of 1024, 1024² or 1024³ bytes: <c>800M</c>, <c>2 GiB</c>.
    /// </value>
    public long? MaxMemory { get; set; }

    /// <summary>
    /// Environment variables of the service's processes, over those of the master; <see langword="null"/> removes one. Also the
    /// way to give a service its own garbage collector limits, such as <c>DOTNET_GCHeapHardLimit</c>. A change replaces the workers.
    /// </summary>
    /// <value>Empty by default.</value>
    public IDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>
    /// The nice value of the service's processes: 19 yields to everybody, -20 to nobody. A lower value than the master's needs
    /// privileges. A change replaces the workers. On Windows it has no effect.
    /// </summary>
    /// <value><see langword="null"/> by default: that of the master. Otherwise -20 to 19.</value>
    public int? Nice { get; set; }
}
