using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cotyledon.Hosting;

/// <summary>Describes the present state of the program as a whole. See <see cref="ICotyledonManager.GetOverview"/>.</summary>
public sealed record CotyledonOverview
{
    /// <summary>Gets the name of the application, as the host environment has it.</summary>
    public required string Application { get; init; }

    /// <summary>Gets the version of the entry assembly, without build metadata.</summary>
    /// <value><see langword="null"/> if the assembly has no version.</value>
    public string? Version { get; init; }

    /// <summary>Gets the process id of the master.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Gets the time at which the master was started, by its wall clock.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Gets the phase of the program.</summary>
    public required CotyledonPhase Phase { get; init; }

    /// <summary>Gets the health of the program, as the health check of Cotyledon.Hosting reports it.</summary>
    public required HealthStatus Health { get; init; }

    /// <summary>Gets the reasons for <see cref="Health"/> in one line.</summary>
    public required string HealthDescription { get; init; }

    /// <summary>Gets the configured number of spare workers.</summary>
    public int SpareTarget { get; init; }

    /// <summary>Gets the number of spare workers that are connected and wait for a worker id.</summary>
    public int SparesReady { get; init; }

    /// <summary>Gets the number of worker processes, including spare workers and processes that are starting or stopping.</summary>
    /// <value>0 with <see cref="CotyledonMode.InProcess"/>, where workers have no processes of their own.</value>
    public int ProcessCount { get; init; }

    /// <summary>Gets whether workers run inside the process of the master.</summary>
    /// <value>As <see cref="CotyledonOptions.Mode"/> specifies, and always in test hosts. Known after the supervisor has started.</value>
    public bool IsInProcess { get; init; }

    /// <summary>Gets the cluster.</summary>
    /// <value><see langword="null"/> if no service has <see cref="WorkerScope.Cluster"/>.</value>
    public ClusterOverview? Cluster { get; init; }

    /// <summary>Gets the errors in the present configuration. While there are any, the last valid configuration is in use.</summary>
    /// <value>Empty if the configuration is valid.</value>
    public IReadOnlyList<string> ConfigurationErrors { get; init; } = [];
}

/// <summary>Specifies the phase of the program.</summary>
public enum CotyledonPhase
{
    /// <summary>The program starts: at least one worker has neither been ready nor been given up yet.</summary>
    Starting = 0,

    /// <summary>The program runs.</summary>
    Running = 1,

    /// <summary>The program stops: hooks run, or workers are stopping.</summary>
    Stopping = 2,

    /// <summary>All workers have exited.</summary>
    Stopped = 3,
}
