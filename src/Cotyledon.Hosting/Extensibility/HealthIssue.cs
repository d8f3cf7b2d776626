using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>Describes a problem that ends without a restart of the program.</summary>
[Experimental("COTYLEDON001")]
public sealed record HealthIssue
{
    /// <summary>Gets the key in the data of the health check, such as <c>Queues:samples</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the part that has the problem, as the beginning of a sentence: <c>queue 'samples'</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>Gets the problem.</summary>
    public required string Problem { get; init; }
}
