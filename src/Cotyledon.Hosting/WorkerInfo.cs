namespace Cotyledon.Hosting;

/// <summary>Identifies a worker in its program.</summary>
public sealed record WorkerInfo
{
    /// <summary>Gets the name of the service.</summary>
    public required string ServiceName { get; init; }

    /// <summary>Gets the worker id.</summary>
    public required int WorkerId { get; init; }

    /// <summary>Gets the incarnation of the worker.</summary>
    /// <value>See <see cref="IWorkerContext.Incarnation"/>.</value>
    public required long Incarnation { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{ServiceName}({WorkerId})";
}
