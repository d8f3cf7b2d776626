using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Creates the stores of provider <c>Memory</c>.</summary>
internal sealed class MemoryStoreFactory(TimeProvider clock, ILoggerFactory loggers) : IQueueStoreFactory
{
    public string Provider => "Memory";

    public string? Check(string queue, CotyledonQueueOptions options) => null;

    public IQueueStore Create(string queue, CotyledonQueueOptions options) =>
        new MemoryStore(queue, options.MaxDead, clock, GuardedLogger.Create(loggers, "Cotyledon.Hosting.Queues"));
}
