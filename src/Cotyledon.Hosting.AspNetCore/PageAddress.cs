using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.AspNetCore;

/// <summary>Logs the address of the page in Development, where a developer can open it without further settings.</summary>
internal static class PageAddress
{
    public static void LogWhenStarted(IEndpointConventionBuilder document, IServiceProvider services, ILogger logger)
    {
        if (!services.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            return;
        }

        // The whole path is known when the endpoints are built: the page may be mapped in a group of the program.
        var path = "";
        document.Finally(builder => path = (builder as RouteEndpointBuilder)?.RoutePattern.RawText ?? "");
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() =>
        {
            _ = services.GetRequiredService<EndpointDataSource>().Endpoints;
            var addresses = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            if (addresses.Count > 0)
            {
                Log.PageAvailable(logger, string.Join(", ", addresses.Select(address => $"{address.TrimEnd('/')}/{path.Trim('/')}/")));
            }
        });
    }
}
