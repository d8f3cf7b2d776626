using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.AspNetCore;

/// <summary>Decides who may read the page and who may use its actions.</summary>
internal sealed class PageAccess(CotyledonPageOptions options, IHostEnvironment environment, ILogger logger)
{
    private bool _hasWarned;

    /// <summary>
    /// Whether the request may read. Authorization that was added to the endpoints has been checked before; without it, only requests from
    /// the same machine may read, and only in Development.
    /// </summary>
    public bool MayRead(HttpContext context)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<IAuthorizeData>() is not null || metadata?.GetMetadata<IAllowAnonymous>() is not null)
        {
            return true;
        }

        if (environment.IsDevelopment() && IsLocal(context))
        {
            return true;
        }

        if (!Interlocked.Exchange(ref _hasWarned, true))
        {
            Log.PageRefused(logger, context.Request.Path);
        }

        return false;
    }

    public async Task<bool> MayActAsync(HttpContext context)
    {
        if (options.ActionsPolicy is not { } name)
        {
            return false;
        }

        var services = context.RequestServices;
        var policy = await services.GetRequiredService<IAuthorizationPolicyProvider>().GetPolicyAsync(name).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"The actions policy '{name}' of the page does not exist. Add it in AddAuthorization.");
        var evaluator = services.GetRequiredService<IPolicyEvaluator>();
        var authenticated = await evaluator.AuthenticateAsync(policy, context).ConfigureAwait(false);
        return (await evaluator.AuthorizeAsync(policy, authenticated, context, context).ConfigureAwait(false)).Succeeded;
    }

    /// <summary>
    /// Whether the request comes from the page itself, and not from another site that the same browser has open. A browser sends
    /// <c>Sec-Fetch-Site</c> with HTTPS and to the same machine, and <c>Origin</c> with each POST.
    /// </summary>
    public static bool IsFromPage(HttpRequest request)
    {
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site))
        {
            return site == "same-origin";
        }

        return Uri.TryCreate(request.Headers.Origin, UriKind.Absolute, out var origin)
            && new HostString(origin.Authority) == WithoutDefaultPort(request.Host, origin);
    }

    /// <summary>Whether a browser says that the request comes from another site. Such a request must not even read.</summary>
    public static bool IsFromOtherSite(HttpRequest request) =>
        request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site != "same-origin" && site != "none";

    private static HostString WithoutDefaultPort(HostString host, Uri origin) =>
        origin.IsDefaultPort && host.Port == origin.Port ? new HostString(host.Host) : host;

    /// <summary>
    /// A local proxy makes each request look local, so a forwarded request is not. The host must be local too: otherwise any site could
    /// read the page through a domain of its own that it resolves to 127.0.0.1.
    /// </summary>
    private static bool IsLocal(HttpContext context)
    {
        var host = context.Request.Host.Host;
        var isLocalHost = host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
        return isLocalHost && context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
            && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");
    }
}
