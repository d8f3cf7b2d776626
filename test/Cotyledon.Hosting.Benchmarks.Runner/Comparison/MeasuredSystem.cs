namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>A supervisor, and how to start it with the workers that report to us.</summary>
internal sealed record MeasuredSystem(string Name, string Version, IReadOnlyList<string> Command)
{
    /// <summary>The one that the others are compared with.</summary>
    public const string Baseline = "Cotyledon";

    public bool IsBaseline => Name == Baseline;

    /// <summary>Whether it is a program of ours, which can have spares and be told to restart its workers.</summary>
    public bool IsOurs { get; init; }

    /// <summary>What SIGHUP to the master leads to.</summary>
    public ReloadKind Reload { get; init; }

    /// <summary>The program that measures the queue, where there is one.</summary>
    public IReadOnlyList<string>? QueueCommand { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

internal enum ReloadKind
{
    /// <summary>The workers reload and stay.</summary>
    InPlace,

    /// <summary>New workers take the place of the old ones.</summary>
    NewWorkers,

    /// <summary>Nothing of use.</summary>
    None,
}
