namespace Cotyledon.Hosting;

/// <summary>Identifies a worker in its program.</summary>
public sealed class WorkerInfo
{
    /// <summary>Gets the name of the service.</summary>
    public required string ServiceName { get; init; }

    /// <summary>Gets the worker id.</summary>
    public required int WorkerId { get; init; }

    /// <summary>Gets the incarnation: 1 for the first process with this worker id, 2 for its replacement, and so on.</summary>
    public required long Incarnation { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{ServiceName}({WorkerId})";
}
