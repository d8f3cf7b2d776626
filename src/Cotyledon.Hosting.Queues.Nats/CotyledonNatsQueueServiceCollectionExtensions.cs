using Cotyledon.Hosting.Queues;
using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Queues.Nats;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the queue provider for NATS JetStream.</summary>
public static class CotyledonNatsQueueServiceCollectionExtensions
{
    /// <summary>
    /// Registers the provider <c>Nats</c>: a queue whose <see cref="CotyledonQueueOptions.Provider"/> is <c>Nats</c> is stored in JetStream, at
    /// <see cref="CotyledonQueueOptions.Url"/>, and is shared by all machines that use this URL and name. Other queues are not affected.
    /// </summary>
    /// <param name="services">The services of the program.</param>
    /// <returns>The same services.</returns>
    /// <remarks>Only the master connects to the server. Can be called several times, before or after the queues are added.</remarks>
    public static IServiceCollection AddCotyledonNatsQueues(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);

        // In workers as well: they validate the same options, so the provider must be known there.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IQueueStoreFactory, NatsStoreFactory>());
        return services;
    }
}
