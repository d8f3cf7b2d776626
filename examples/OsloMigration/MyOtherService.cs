using Cotyledon.Hosting;

namespace OsloMigration;

/// <summary>Does nothing, in <see cref="MyOptions.OtherWorkers"/> processes. A reload replaces them: it has no ReloadAsync.</summary>
internal sealed class MyOtherService : CotyledonService
{
    public const string Name = "Second Service";
}
