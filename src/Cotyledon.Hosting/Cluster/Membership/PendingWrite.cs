namespace Cotyledon.Hosting.Cluster;

/// <summary>A write that was sent, and what it changes.</summary>
internal sealed record PendingWrite
{
    /// <summary>Whether it renews the pulse of this session.</summary>
    public bool IsPulse { get; init; }

    /// <summary>The beat of that renewal.</summary>
    public long Beat { get; init; }

    /// <summary>The service whose roster it is; empty for pulses.</summary>
    public string Service { get; init; } = "";

    /// <summary>The claims and releases, by worker id.</summary>
    public IReadOnlyDictionary<int, Attempt> Attempts { get; init; } = new Dictionary<int, Attempt>();
}
