namespace Cotyledon.Hosting.Cli.Client;

/// <summary>The answer to <c>status</c>.</summary>
internal sealed record StatusRecord(
    OverviewRecord? Overview,
    IReadOnlyList<ServiceRecord>? Services,
    IReadOnlyList<OperationRecord>? Operations,
    IReadOnlyList<QueueRecord>? Queues);

internal sealed record OverviewRecord(
    string? Phase,
    string? Health,
    string? Description,
    DateTimeOffset? StartedAt,
    int SpareTarget,
    int SparesReady,
    int Processes,
    IReadOnlyList<string>? ConfigurationErrors,
    UsageRecord? Usage,
    ClusterRecord? Cluster = null);

/// <param name="Name">The name of the cluster.</param>
/// <param name="Store">Where its records are kept.</param>
/// <param name="Problem">The present problem with the store.</param>
/// <param name="ReadAt">The time at which the records were read last.</param>
/// <param name="LeaseEndsAt">The time at which the workers of the cluster are killed, if the lease is not extended.</param>
/// <param name="Others">The other programs of the cluster.</param>
internal sealed record ClusterRecord(
    string? Name, string? Store, string? Problem, DateTimeOffset? ReadAt, DateTimeOffset? LeaseEndsAt, IReadOnlyList<string>? Others);

/// <param name="Name">The name.</param>
/// <param name="Target">The number of workers that should run in this program.</param>
/// <param name="Configured">The number of workers that the configuration says.</param>
/// <param name="Ready">The number of ready workers.</param>
/// <param name="Workers">The workers.</param>
/// <param name="ClusterTarget">The number of workers in the whole cluster.</param>
internal sealed record ServiceRecord(
    string? Name, int Target, int Configured, int Ready, IReadOnlyList<WorkerRecord>? Workers, int? ClusterTarget = null);

internal sealed record WorkerRecord(
    int Id,
    string? State,
    int? Pid,
    long Incarnation,
    long Restarts,
    DateTimeOffset? StartedAt,
    DateTimeOffset? ReadySince,
    DateTimeOffset? NextStartAt,
    bool? Outdated,
    bool? OtherBuild,
    ExitRecord? LastExit,
    UsageRecord? Usage,
    string? Holder = null);

/// <param name="Cpu">Percent of one processor.</param>
/// <param name="Memory">Bytes.</param>
/// <param name="Connections">Open connections of a worker that serves a web application.</param>
/// <param name="Requests">Requests since the start of the process.</param>
internal sealed record UsageRecord(double Cpu, long Memory, long? Connections = null, long? Requests = null);
