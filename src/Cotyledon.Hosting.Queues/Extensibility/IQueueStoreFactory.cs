namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>A kind of store, registered as an enumerable service.</summary>
internal interface IQueueStoreFactory
{
    /// <summary>What stands in <see cref="CotyledonQueueOptions.Provider"/>.</summary>
    string Provider { get; }

    /// <summary>What is wrong with the options for this kind of store, or <see langword="null"/>.</summary>
    string? Check(CotyledonQueueOptions options);

    IQueueStore Create(string queue, CotyledonQueueOptions options);
}
