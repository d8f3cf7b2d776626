using Cotyledon.Hosting;
using Cotyledon.Hosting.Cluster.Nats;
using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the cluster store in NATS JetStream.</summary>
public static class CotyledonNatsClusterServiceCollectionExtensions
{
    /// <summary>
    /// Keeps the records of the cluster in NATS JetStream: services with <see cref="WorkerScope.Cluster"/> share their worker ids among all programs that
    /// use the same servers and the same name of the cluster (<see cref="CotyledonClusterOptions.Name"/>).
    /// </summary>
    /// <param name="services">The services of the program.</param>
    /// <returns>A builder for the options. The configuration overrides them.</returns>
    /// <remarks>Only the master connects to the server. Can be called several times.</remarks>
    /// <example>
    /// <code>
    /// builder.Services.AddCotyledonWorker&lt;Billing&gt;().Configure(options =&gt; options.Scope = WorkerScope.Cluster);
    /// builder.Services.AddCotyledonNatsCluster();
    /// </code>
    /// </example>
    public static OptionsBuilder<CotyledonNatsClusterOptions> AddCotyledonNatsCluster(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddCotyledon();
        services.TryAddSingleton<IClusterStore, NatsClusterStore>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IPostConfigureOptions<CotyledonNatsClusterOptions>, NatsOptionsSetup>(),
            ServiceDescriptor.Singleton<IConfigurationCheck, NatsOptionsCheck>(),
        ]);
        return services.AddOptions<CotyledonNatsClusterOptions>();
    }
}
