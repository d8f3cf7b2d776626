namespace Cotyledon.Hosting.Configuration;

/// <summary>An update of the accepted configuration, as it is sent to a worker: all entries of all sources, or only changes.</summary>
internal sealed record ConfigurationUpdate(bool IsWhole, List<ConfigurationUpdate.Source> Sources)
{
    /// <summary>The update of one source of the master. Its signature is empty if only changes are sent.</summary>
    internal sealed record Source(int Index, string Signature, SourceKind Kind, List<ConfigurationEntry> Set, List<string> Removed);
}
