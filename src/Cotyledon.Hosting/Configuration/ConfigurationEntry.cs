namespace Cotyledon.Hosting.Configuration;

/// <summary>A value that may be absent. A present value may be null.</summary>
internal readonly record struct MaybeValue(bool IsPresent, string? Text)
{
    public static MaybeValue Of(SourceValues values, string key) =>
        values.All.TryGetValue(key, out var text) ? new(true, text) : default;
}

/// <summary>One key of one source, as it is sent to workers.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value that the master has accepted.</param>
/// <param name="Initial">
/// For <see cref="SourceKind.Process"/>: the value with which the master was started. A worker that was started with another one keeps it.
/// </param>
/// <remarks>A class, because each generic type over a structure costs a starting worker without native code a millisecond.</remarks>
internal sealed record ConfigurationEntry(string Key, MaybeValue Value, MaybeValue Initial);
