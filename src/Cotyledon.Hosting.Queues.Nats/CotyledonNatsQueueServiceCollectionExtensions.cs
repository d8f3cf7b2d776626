using Cotyledon.Hosting;
using Cotyledon.Hosting.Queues.Nats;
using Cotyledon.Hosting.Queues.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps queues in NATS JetStream.</summary>
public static class CotyledonNatsQueueServiceCollectionExtensions
{
    /// <summary>
    /// Makes provider <c>Nats</c> known: a queue whose <see cref="CotyledonQueueOptions.Provider"/> is <c>Nats</c> lives in JetStream, at
    /// <see cref="CotyledonQueueOptions.Url"/>, and is shared by all machines that name it. Without effect on other queues.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <returns>The same services.</returns>
    /// <remarks>Only the master connects. May be called several times, before or after the queues are added.</remarks>
    public static IServiceCollection AddCotyledonNatsQueues(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);

        // In workers too: they check the same options, and the name must be known there.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IQueueStoreFactory, NatsStoreFactory>());
        return services;
    }
}
