namespace Cotyledon.Hosting.AspNetCore.Actions;

/// <summary>The body of a request. Each action uses some of the members.</summary>
internal sealed record ActionRequest
{
    public string? Service { get; init; }

    public int? Workers { get; init; }

    public int? Worker { get; init; }

    public long? Incarnation { get; init; }

    public int? ExitCode { get; init; }

    public string? Queue { get; init; }

    public IReadOnlyList<long>? Ids { get; init; }

    public bool All { get; init; }

    public int? Max { get; init; }
}
