namespace Cotyledon.Hosting.Shared;

/// <summary>The fields of all requests. A field that a request does not have is null.</summary>
internal sealed class ControlRequest
{
    public long? Id { get; init; }

    public string? Do { get; init; }

    public int? Protocol { get; init; }

    public string? Service { get; init; }

    public int? Worker { get; init; }

    public long? Incarnation { get; init; }

    public int? Workers { get; init; }

    public int? ExitCode { get; init; }

    public int? Max { get; init; }

    public long? After { get; init; }

    public bool? Follow { get; init; }

    public bool? Usage { get; init; }

    public bool? Queues { get; init; }

    public string? Queue { get; init; }

    public IReadOnlyList<long>? Ids { get; init; }

    public bool? All { get; init; }
}
