namespace Cotyledon.Hosting.Supervision;

/// <summary>
/// The settings with which the processes of a service are started, where they differ from those of the master. A variable whose value is null
/// is removed.
/// </summary>
internal sealed record StartSettings(IReadOnlyDictionary<string, string?> Environment, int? Nice)
{
    /// <summary>The settings of the master, unchanged.</summary>
    public static readonly StartSettings Inherited = new(new Dictionary<string, string?>(), null);

    public bool Equals(StartSettings? other) =>
        other is not null
        && Nice == other.Nice
        && Environment.Count == other.Environment.Count
        && Environment.All(v => other.Environment.TryGetValue(v.Key, out var value) && value == v.Value);

    public override int GetHashCode() => HashCode.Combine(Nice, Environment.Count);
}
