namespace Cotyledon.Hosting;

/// <summary>Describes what a reload or a rolling restart did to the workers of one service.</summary>
public sealed record ServiceReload
{
    /// <summary>Gets the name of the service.</summary>
    public required string Service { get; init; }

    /// <summary>Gets the number of workers that have reloaded in place.</summary>
    public int Reloaded { get; init; }

    /// <summary>Gets the number of workers that were replaced by new processes.</summary>
    public int Replaced { get; init; }

    /// <summary>Gets the failures of other workers. These workers are unchanged, or are restarted as after any crash.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];
}
