namespace Cotyledon.Hosting.Supervision;

/// <summary>The settings with which the processes of a service are started, where they differ from those of the master.</summary>
internal sealed class StartSettings(IReadOnlyDictionary<string, string?> environment, int? nice) : IEquatable<StartSettings>
{
    /// <summary>The settings of the master, unchanged.</summary>
    public static readonly StartSettings Inherited = new(new Dictionary<string, string?>(), null);

    /// <summary>The environment variables to set. A value of <see langword="null"/> removes the variable.</summary>
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
