namespace Cotyledon.Hosting;

/// <summary>Describes the present state of a service.</summary>
public sealed record ServiceStatus
{
    /// <summary>Gets the name of the service.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the target number of workers in this program.</summary>
    public required int Target { get; init; }

    /// <summary>Gets the number of workers that code and configuration say.</summary>
    /// <value>
    /// Differs from <see cref="Target"/> after a call of <see cref="ICotyledonManager.ScaleAsync"/>, and with <see cref="WorkerScope.Cluster"/>,
    /// where it is the number in the whole cluster.
    /// </value>
    public int ConfiguredTarget { get; init; }

    /// <summary>Gets the number of workers in the whole cluster.</summary>
    /// <value><see langword="null"/> if the service does not have <see cref="WorkerScope.Cluster"/>; 0 until the store has answered.</value>
    public int? ClusterTarget { get; init; }

    /// <summary>Gets the number of workers that are ready, idle ones included.</summary>
    public required int Ready { get; init; }

    /// <summary>
    /// Gets the workers: one entry for each worker id of the target, or of the whole cluster, in ascending order, then those that are still stopping.
    /// </summary>
    public required IReadOnlyList<WorkerStatus> Workers { get; init; }
}
