namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>A supervisor, and the command that starts it with reporting workers.</summary>
internal sealed record MeasuredSystem(string Name, string Version, IReadOnlyList<string> Command)
{
    /// <summary>The system that the others are compared with.</summary>
    public const string Baseline = "Cotyledon";

    public bool IsBaseline => Name == Baseline;

    /// <summary>Whether it uses Cotyledon.Hosting, which supports spare workers and rolling restarts.</summary>
    public bool IsOurs { get; init; }

    /// <summary>The effect of SIGHUP to the master.</summary>
    public ReloadKind Reload { get; init; }

    /// <summary>The program that measures the queue, if there is one.</summary>
    public IReadOnlyList<string>? QueueCommand { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

internal enum ReloadKind
{
    /// <summary>The workers reload and stay.</summary>
    InPlace,

    /// <summary>New workers take the place of the old ones.</summary>
    NewWorkers,

    /// <summary>No reload.</summary>
    None,
}
