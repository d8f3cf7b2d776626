using System.Text.Json.Serialization;
using Cotyledon.Hosting.AspNetCore.Actions;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.AspNetCore;

// The messages of the stream. They consist of the objects of the control protocol.

internal sealed record SnapshotMessage
{
    public required string Time { get; init; }

    public required string App { get; init; }

    public string? Version { get; init; }

    public int Pid { get; init; }

    /// <summary>Whether the user may use the actions.</summary>
    public bool Actions { get; init; }

    public required OverviewObject Overview { get; init; }

    public required IReadOnlyList<ServiceObject> Services { get; init; }

    public required IReadOnlyList<OperationObject> Operations { get; init; }

    public required IReadOnlyList<QueueObject> Queues { get; init; }

    public required IReadOnlyList<ExitObject> Exits { get; init; }

    public required IReadOnlyList<EventObject> Events { get; init; }
}

/// <summary>The changes. Members without a change are left out.</summary>
internal sealed record StatusMessage
{
    public required string Time { get; init; }

    public OverviewObject? Overview { get; init; }

    public IReadOnlyList<ServiceObject>? Services { get; init; }

    /// <summary>All operations, if one of them has changed or is gone.</summary>
    public IReadOnlyList<OperationObject>? Operations { get; init; }

    public IReadOnlyList<QueueObject>? Queues { get; init; }
}

internal sealed record UsageMessage(UsageObject? Master, IReadOnlyList<WorkerUsageObject> Workers);

internal sealed record WorkerUsageObject(string Service, int Worker, double Cpu, long Memory, int? Connections, long? Requests);

internal sealed record CloseMessage(string Reason);

/// <summary>Reads and writes the messages of the page without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SnapshotMessage))]
[JsonSerializable(typeof(StatusMessage))]
[JsonSerializable(typeof(UsageMessage))]
[JsonSerializable(typeof(CloseMessage))]
[JsonSerializable(typeof(ActionRequest))]
[JsonSerializable(typeof(ScaleObject))]
[JsonSerializable(typeof(ReloadResultObject))]
[JsonSerializable(typeof(KillObject))]
[JsonSerializable(typeof(DeadItemsObject))]
[JsonSerializable(typeof(CountObject))]
[JsonSerializable(typeof(EmptyObject))]
[JsonSerializable(typeof(ErrorObject))]
internal sealed partial class PageJson : JsonSerializerContext;
