using Cotyledon.Hosting;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Web;
using Cotyledon.Hosting.Web.Configuration;
using Cotyledon.Hosting.Web.Draining;
using Cotyledon.Hosting.Web.Passing;
using Cotyledon.Hosting.Web.Serving;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves a web application by supervised worker processes.</summary>
public static class CotyledonWebApplicationBuilderExtensions
{
    /// <summary>
    /// Serves the web application by several worker processes behind its addresses. The master binds the addresses and passes each connection
    /// to a worker. The name of the service is <c>Web</c>.
    /// </summary>
    /// <param name="builder">The builder of the application. Program.cs needs no other change.</param>
    /// <param name="workers">
    /// The number of workers, 0 to 10,000. The configuration (<c>Cotyledon:Services:Web:Workers</c>) overrides it.
    /// </param>
    /// <returns>A builder for the options. The configuration (<c>Cotyledon:Web</c>) overrides them.</returns>
    /// <exception cref="ArgumentException">Another service has the name <c>Web</c>.</exception>
    /// <exception cref="InvalidOperationException">The method was called before.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is out of range.</exception>
    /// <remarks>
    /// Call it right after the builder was created. Needs Kestrel, and Linux or macOS. With <see cref="CotyledonMode.InProcess"/>, and in test
    /// hosts, the server of the process serves all requests.
    /// </remarks>
    /// <example>
    /// <code>
    /// var builder = WebApplication.CreateBuilder(args);
    /// builder.AddCotyledonWeb(workers: 4);
    /// </code>
    /// </example>
    public static OptionsBuilder<CotyledonWebOptions> AddCotyledonWeb(this WebApplicationBuilder builder, int workers = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(d => d.ServiceType == typeof(WebOptionsSetup)))
        {
            throw new InvalidOperationException("AddCotyledonWeb was called twice. Call it only once.");
        }

        services.AddCotyledonWorker(
            CotyledonWeb.ServiceName,
            workers,
            provider => new WebWorker(services, provider, provider.GetRequiredService<IWorkerContext>()));
        GracefulDrain.AddTo(services);
        services.AddSingleton<WebOptionsSetup>();
        services.AddSingleton<IPostConfigureOptions<CotyledonWebOptions>>(p => p.GetRequiredService<WebOptionsSetup>());
        services.AddSingleton<IValidateOptions<CotyledonWebOptions>>(p => p.GetRequiredService<WebOptionsSetup>());
        services.RemoveAll<IMultiplexedConnectionListenerFactory>();
        services.AddSingleton<IMultiplexedConnectionListenerFactory, NoHttp3>();
        if (CotyledonHost.IsWorker)
        {
            // Read when the server is created. Otherwise each worker would close its HTTPS connections when a certificate file changes. A rolling
            // restart loads the file.
            AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableCertificateFileWatching", true);
            var link = WorkerSetup.Link;
            services.AddSingleton(p => ActivatorUtilities.CreateInstance<MasterLink>(p, link));
            services.AddSingleton<IConnectionListenerFactory, WorkerListenerFactory>();
            services.AddSingleton<RequestLimit>();
            services.AddSingleton<IStartupFilter>(p => p.GetRequiredService<RequestLimit>());
        }
        else
        {
            AddMaster(services);
        }

        return services.AddOptions<CotyledonWebOptions>();
    }

    private static void AddMaster(IServiceCollection services)
    {
        services.AddSingleton<MasterListenerFactory>();
        services.AddSingleton<IConnectionListenerFactory>(p => p.GetRequiredService<MasterListenerFactory>());
        services.AddSingleton<ISideChannel>(p => p.GetRequiredService<MasterListenerFactory>());
        services.AddSingleton<IWorkerLoadSource>(p => p.GetRequiredService<MasterListenerFactory>());
        services.AddSingleton<IConfigurationCheck, WebOptionsCheck>();
        services.AddSingleton<IHostedService>(p => ActivatorUtilities.CreateInstance<WebMaster>(p, services));
    }
}
