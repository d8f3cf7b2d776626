namespace Cotyledon.Hosting.Configuration;

/// <summary>An update of the accepted configuration, as it is sent to a worker.</summary>
/// <param name="IsWhole">Whether it contains all entries of all sources; otherwise it only contains changes.</param>
/// <param name="Sources">All sources, or those that have changed.</param>
internal sealed record ConfigurationUpdate(bool IsWhole, List<ConfigurationUpdate.Source> Sources)
{
    /// <summary>The update of one source.</summary>
    /// <param name="Index">The position of the source in the configuration of the master.</param>
    /// <param name="Signature">The signature of the source; empty if only changes are sent.</param>
    /// <param name="Kind">The kind of the source.</param>
    /// <param name="Set">The entries that are new or have changed.</param>
    /// <param name="Removed">The keys of removed entries.</param>
    internal sealed record Source(
        int Index,
        string Signature,
        SourceKind Kind,
        List<ConfigurationEntry> Set,
        List<string> Removed);
}
