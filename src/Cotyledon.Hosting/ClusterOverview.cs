namespace Cotyledon.Hosting;

/// <summary>Describes the cluster that a program belongs to, if it has services with <see cref="WorkerScope.Cluster"/>.</summary>
public sealed record ClusterOverview
{
    /// <summary>Gets the name of the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>Gets where the records of the cluster are kept.</summary>
    public required string Store { get; init; }

    /// <summary>Gets the time at which the records were read last.</summary>
    /// <value><see langword="null"/> if the store has not answered yet.</value>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Gets the time at which the workers of the cluster in this program are killed, if the lease is not extended before.</summary>
    /// <value><see langword="null"/> if there was no lease yet.</value>
    public DateTimeOffset? LeaseEndsAt { get; init; }

    /// <summary>Gets the present problem with the store.</summary>
    /// <value><see langword="null"/> if there is none.</value>
    public string? Problem { get; init; }

    /// <summary>Gets the programs of the cluster, this one included, as they were read last.</summary>
    public IReadOnlyList<ClusterProgram> Programs { get; init; } = [];
}

/// <summary>Identifies a program of a cluster.</summary>
public sealed record ClusterProgram
{
    /// <summary>Gets the name of its machine.</summary>
    public required string Machine { get; init; }

    /// <summary>Gets the process id of its master.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Gets whether it is this program.</summary>
    public bool IsThis { get; init; }
}
