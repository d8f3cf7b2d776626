using Cotyledon.Hosting;

namespace OsloMigration;

/// <summary>Does nothing, in as many processes as the options say, and is replaced where others reload.</summary>
internal sealed class MyOtherService : CotyledonService
{
    public const string Name = "Second Service";
}
