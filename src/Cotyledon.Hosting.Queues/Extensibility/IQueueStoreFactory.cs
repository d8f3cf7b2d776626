namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Creates the stores of one provider. Registered as an enumerable service.</summary>
internal interface IQueueStoreFactory
{
    /// <summary>The name of the provider, as in <see cref="CotyledonQueueOptions.Provider"/>.</summary>
    string Provider { get; }

    /// <summary>Returns the first error in the options for this provider, or <see langword="null"/>.</summary>
    string? Check(CotyledonQueueOptions options);

    IQueueStore Create(string queue, CotyledonQueueOptions options);
}
