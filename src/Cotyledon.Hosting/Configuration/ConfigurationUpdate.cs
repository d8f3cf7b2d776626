namespace Cotyledon.Hosting.Configuration;

/// <summary>What a worker is told of the accepted configuration.</summary>
/// <param name="IsWhole">Whether it holds all sources with all of their entries; otherwise it changes what the worker has.</param>
/// <param name="Sources">The sources, or those with a difference.</param>
internal sealed record ConfigurationUpdate(bool IsWhole, List<ConfigurationUpdate.Source> Sources)
{
    /// <param name="Index">The position in the master's configuration.</param>
    /// <param name="Signature">Of the source; empty in a difference.</param>
    /// <param name="Kind">Of the source.</param>
    /// <param name="Set">Entries that are new or have changed.</param>
    /// <param name="Removed">Keys whose entries are gone.</param>
    internal sealed record Source(
        int Index,
        string Signature,
        SourceKind Kind,
        List<ConfigurationEntry> Set,
        List<string> Removed);
}
