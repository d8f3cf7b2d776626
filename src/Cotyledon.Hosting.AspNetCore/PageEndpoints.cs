using Cotyledon.Hosting.AspNetCore.Actions;
using Cotyledon.Hosting.AspNetCore.Streaming;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.AspNetCore;

/// <summary>The endpoints of a page: its files, the stream and the actions.</summary>
internal static class PageEndpoints
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'";

    /// <summary>Maps request delegates, not methods with parameters, so that native code needs no reflection.</summary>
    public static void Map(RouteGroupBuilder group, CotyledonPageOptions options, IServiceProvider services)
    {
        var logger = GuardedLogger.Create(services.GetRequiredService<ILoggerFactory>(), "Cotyledon.Hosting.AspNetCore");
        var manager = services.GetRequiredService<ICotyledonManager>();
        var clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        IReadOnlyList<IQueueAdministration> queues = [.. services.GetServices<IQueueAdministration>()];
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

        var access = new PageAccess(options, services.GetRequiredService<IHostEnvironment>(), logger);
        var feed = new PageFeed(manager, new QueueDepths(queues, clock), clock, logger);
        stopping.Register(feed.Stop);
        var stream = new StreamEndpoint(feed, access, options.MaxStreams, clock);
        var actions = new ActionEndpoint(new ActionRunner(manager, queues), access, logger, stopping);
        var files = new PageFiles();

        string[] reading = [HttpMethods.Get, HttpMethods.Head];
        var document = group.MapMethods("/", reading, Guard(access, context => WriteDocumentAsync(context, files)));
        group.MapMethods("/{file}", reading, Guard(access, context => files.WriteAsync(context, (string?)context.GetRouteValue("file"))));

        // Scripts send these requests, so a redirection to a login page would hide that the session has ended.
        group.MapGet("/stream", Guard(access, stream.HandleAsync)).DisableCookieRedirect();
        group.MapPost("/actions/{verb}", Guard(access, actions.HandleAsync)).DisableCookieRedirect();
        PageAddress.LogWhenStarted(document, services, logger);
    }

    private static RequestDelegate Guard(PageAccess access, RequestDelegate next) => context =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (access.MayRead(context))
        {
            return next(context);
        }

        headers.CacheControl = "no-store";
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("403 Forbidden. The log of the program says what to do.\n", context.RequestAborted);
    };

    /// <summary>
    /// The addresses in the page are relative, so the address of the page must end with a slash. The redirection is relative too: a
    /// proxy may have removed the beginning of the path.
    /// </summary>
    private static Task WriteDocumentAsync(HttpContext context, PageFiles files)
    {
        var path = context.Request.Path.Value ?? "";
        if (path.EndsWith('/'))
        {
            return files.WriteAsync(context, null);
        }

        var start = context.Request.PathBase.Add(context.Request.Path).ToUriComponent();
        context.Response.Redirect($"{start[(start.LastIndexOf('/') + 1)..]}/{context.Request.QueryString.ToUriComponent()}");
        return Task.CompletedTask;
    }
}
