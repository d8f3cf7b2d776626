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
    UsageRecord? Usage);

internal sealed record ServiceRecord(string? Name, int Target, int Configured, int Ready, IReadOnlyList<WorkerRecord>? Workers);

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
    UsageRecord? Usage);

/// <param name="Cpu">Percent of one processor.</param>
/// <param name="Memory">Bytes.</param>
/// <param name="Connections">Open connections of a worker that serves a web application.</param>
/// <param name="Requests">Requests since the start of the process.</param>
internal sealed record UsageRecord(double Cpu, long Memory, long? Connections = null, long? Requests = null);
