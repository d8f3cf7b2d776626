namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Provider <c>Memory</c>.</summary>
internal sealed class MemoryStoreFactory : IQueueStoreFactory
{
    public string Provider => "Memory";

    public string? Check(CotyledonQueueOptions options) => null;

    public IQueueStore Create(string queue, CotyledonQueueOptions options) => new MemoryStore();
}
