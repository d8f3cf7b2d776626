namespace Cotyledon.Hosting.Configuration;

/// <summary>A value that may be absent; a value that is there may be null.</summary>
internal readonly record struct MaybeValue(bool IsPresent, string? Text)
{
    public static MaybeValue Of(SourceValues values, string key) =>
        values.All.TryGetValue(key, out var text) ? new(true, text) : default;
}

/// <summary>What a worker is told of one key of one source.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">What the master has accepted.</param>
/// <param name="Initial">
/// For <see cref="SourceKind.Process"/>: what the master was started with. A worker that was started with another value keeps that.
/// </param>
/// <remarks>A class: each generic type over a structure of ours costs a starting worker without native code a millisecond.</remarks>
internal sealed record ConfigurationEntry(string Key, MaybeValue Value, MaybeValue Initial);
