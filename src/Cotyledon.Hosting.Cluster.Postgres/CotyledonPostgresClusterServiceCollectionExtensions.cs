using Cotyledon.Hosting;
using Cotyledon.Hosting.Cluster.Postgres;
using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the cluster store in PostgreSQL.</summary>
public static class CotyledonPostgresClusterServiceCollectionExtensions
{
    /// <summary>
    /// Keeps the records of the cluster in PostgreSQL: services with <see cref="WorkerScope.Cluster"/> share their worker ids among all programs that use
    /// the same database and the same name of the cluster (<see cref="CotyledonClusterOptions.Name"/>).
    /// </summary>
    /// <param name="services">The services of the program.</param>
    /// <returns>A builder for the options. The configuration overrides them.</returns>
    /// <remarks>Only the master connects to the database. Can be called several times.</remarks>
    /// <example>
    /// <code>
    /// builder.Services.AddCotyledonWorker&lt;Billing&gt;().Configure(options =&gt; options.Scope = WorkerScope.Cluster);
    /// builder.Services.AddCotyledonPostgresCluster();
    /// </code>
    /// </example>
    public static OptionsBuilder<CotyledonPostgresClusterOptions> AddCotyledonPostgresCluster(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddCotyledon();
        services.TryAddSingleton<IClusterStore, PostgresClusterStore>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IPostConfigureOptions<CotyledonPostgresClusterOptions>, PostgresOptionsSetup>(),
            ServiceDescriptor.Singleton<IConfigurationCheck, PostgresOptionsCheck>(),
        ]);
        return services.AddOptions<CotyledonPostgresClusterOptions>();
    }
}
