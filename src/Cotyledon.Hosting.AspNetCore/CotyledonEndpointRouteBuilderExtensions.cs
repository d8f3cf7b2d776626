using Cotyledon.Hosting;
using Cotyledon.Hosting.AspNetCore;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the live page of Cotyledon.Hosting.</summary>
public static class CotyledonEndpointRouteBuilderExtensions
{
    private const int LargestMaxStreams = 1000;

    /// <summary>
    /// Maps a page that shows the services, workers, queues and recent exits of the program, and that can control them.
    /// </summary>
    /// <param name="endpoints">The routes of the application.</param>
    /// <param name="pattern">The path of the page.</param>
    /// <param name="configure">Sets the options of the page.</param>
    /// <returns>
    /// A builder for the conventions of all endpoints of the page. Call <c>RequireAuthorization</c> on it. Without authorization the page can
    /// only be read in the environment Development and from the same machine; all other requests are answered with status code 403.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// The program has no services, or the policy in <see cref="CotyledonPageOptions.ActionsPolicy"/> cannot be used.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="CotyledonPageOptions.MaxStreams"/> is out of range.</exception>
    /// <remarks>Maps nothing in a worker: the page is served by the master.</remarks>
    public static IEndpointConventionBuilder MapCotyledon(
        this IEndpointRouteBuilder endpoints, string pattern = "/cotyledon", Action<CotyledonPageOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var group = endpoints.MapGroup(pattern);
        if (CotyledonHost.IsWorker)
        {
            return group;
        }

        var options = new CotyledonPageOptions();
        configure?.Invoke(options);
        Validate(options, endpoints.ServiceProvider);
        PageEndpoints.Map(group, options, endpoints.ServiceProvider);
        return group;
    }

    private static void Validate(CotyledonPageOptions options, IServiceProvider services)
    {
        if (services.GetService<ICotyledonManager>() is null)
        {
            throw new InvalidOperationException("MapCotyledon found no services. Call AddCotyledonWorker before the application is built.");
        }

        if (options.MaxStreams is < 1 or > LargestMaxStreams)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.MaxStreams, $"MaxStreams of the page must be 1 to {LargestMaxStreams}.");
        }

        if (options.ActionsPolicy is { } name)
        {
            ValidatePolicy(name, services);
        }
    }

    /// <summary>Finds a wrong name at the start, unless the policies come from a source that needs to wait.</summary>
    private static void ValidatePolicy(string name, IServiceProvider services)
    {
        if (services.GetService<IAuthorizationPolicyProvider>() is not { } policies || services.GetService<IPolicyEvaluator>() is null)
        {
            throw new InvalidOperationException(
                $"The actions policy '{name}' of the page needs the authorization services. Call AddAuthorization.");
        }

        if (policies.GetPolicyAsync(name) is { IsCompletedSuccessfully: true, Result: null })
        {
            throw new InvalidOperationException($"The actions policy '{name}' of the page does not exist. Add it in AddAuthorization.");
        }
    }
}
