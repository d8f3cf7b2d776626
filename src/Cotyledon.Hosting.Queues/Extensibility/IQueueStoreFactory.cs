using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Queues.Extensibility;

/// <summary>Creates the stores of one provider. Registered as an enumerable service.</summary>
[Experimental("COTYLEDON001")]
public interface IQueueStoreFactory
{
    /// <summary>Gets the name of the provider, as in <see cref="CotyledonQueueOptions.Provider"/>.</summary>
    string Provider { get; }

    /// <summary>Returns the first error in the name or the options of a queue for this provider, or <see langword="null"/>.</summary>
    /// <param name="queue">The name of the queue.</param>
    /// <param name="options">The options of the queue.</param>
    /// <returns>A complete sentence, or <see langword="null"/> if the name and the options are valid.</returns>
    string? Check(string queue, CotyledonQueueOptions options);

    /// <summary>Creates the store of a queue. The store is opened later.</summary>
    /// <param name="queue">The name of the queue.</param>
    /// <param name="options">The options of the queue.</param>
    /// <returns>The store.</returns>
    IQueueStore Create(string queue, CotyledonQueueOptions options);
}
