namespace Cotyledon.Hosting.Cli.Client;

/// <summary>A request. Fields without a value are not sent.</summary>
internal sealed record Request(string Do)
{
    public int Id { get; init; } = 1;

    public bool? Usage { get; init; }

    public bool? Queues { get; init; }

    public string? Service { get; init; }

    public int? Worker { get; init; }

    public int? Workers { get; init; }

    public long? Incarnation { get; init; }

    public int? Max { get; init; }

    public long? After { get; init; }

    public bool? Follow { get; init; }

    public int? ExitCode { get; init; }

    public string? Queue { get; init; }

    public IReadOnlyList<long>? Ids { get; init; }

    public bool? All { get; init; }
}
