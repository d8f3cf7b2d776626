namespace Cotyledon.Hosting.Supervision;

/// <summary>How the processes of a service are started, where that differs from the master's own way.</summary>
internal sealed class StartSettings(IReadOnlyDictionary<string, string?> environment, int? nice) : IEquatable<StartSettings>
{
    /// <summary>As the master is.</summary>
    public static readonly StartSettings Inherited = new(new Dictionary<string, string?>(), null);

    /// <summary>Variables that are set, or with <see langword="null"/> removed.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; } = environment;

    public int? Nice { get; } = nice;

    public bool Equals(StartSettings? other) =>
        other is not null
        && Nice == other.Nice
        && Environment.Count == other.Environment.Count
        && Environment.All(v => other.Environment.TryGetValue(v.Key, out var value) && value == v.Value);

    public override bool Equals(object? obj) => Equals(obj as StartSettings);

    public override int GetHashCode() => HashCode.Combine(Nice, Environment.Count);
}
