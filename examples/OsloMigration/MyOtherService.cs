using Cotyledon.Hosting;

namespace OsloMigration;

/// <summary>Does nothing. The options set the number of its workers. A reload replaces them, because it has no ReloadAsync.</summary>
internal sealed class MyOtherService : CotyledonService
{
    public const string Name = "Second Service";
}
