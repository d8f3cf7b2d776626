using Cotyledon.Hosting.Web;
using Cotyledon.Hosting.Web.Draining;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Makes Kestrel stop without losing requests.</summary>
public static class GracefulDrainWebHostBuilderExtensions
{
    /// <summary>
    /// Lets the clients of a stopping application leave before Kestrel stops. Kestrel alone closes idle connections at once, and a request that
    /// a client sends at that moment on a reused connection fails.
    /// </summary>
    /// <param name="builder">The web host.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>
    /// When the application stops, Kestrel first continues to accept connections and requests for <see cref="GracefulDrainOptions.Timeout"/>.
    /// Each HTTP/1.1 response has the header <c>Connection: close</c>. An HTTP/2 connection gets GOAWAY at its next request, and is closed after
    /// its requests, at the earliest 200 ms later. The drain ends earlier if all connections are closed and no request has arrived for one second. Then Kestrel stops. HTTP/3
    /// connections are left to Kestrel.
    /// </remarks>
    /// <example>
    /// <code>
    /// builder.WebHost.UseGracefulDrain(options => options.Timeout = TimeSpan.FromSeconds(10));
    /// </code>
    /// </example>
    public static IWebHostBuilder UseGracefulDrain(this IWebHostBuilder builder, Action<GracefulDrainOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            GracefulDrain.AddTo(services);
            services.AddHostedService<GracefulDrainService>();
            services.Configure(configure ?? (_ => { }));
        });
    }
}
