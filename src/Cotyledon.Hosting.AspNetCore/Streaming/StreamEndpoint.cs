using System.Text.Json;
using Cotyledon.Hosting.Shared;
using Microsoft.AspNetCore.Http;

namespace Cotyledon.Hosting.AspNetCore.Streaming;

/// <summary>Sends the state of the program to a page: first all of it, then the changes.</summary>
internal sealed class StreamEndpoint(PageFeed feed, PageAccess access, int maxStreams, TimeProvider clock)
{
    /// <summary>The page connects again afterwards, so that its authorization is checked again.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public async Task HandleAsync(HttpContext context)
    {
        if (PageAccess.IsFromOtherSite(context.Request))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "denied", "The request does not come from the page.").ConfigureAwait(false);
            return;
        }

        var mayAct = await access.MayActAsync(context).ConfigureAwait(false);
        using var stream = new PageStream(context, clock, Lifetime);
        if (!feed.TryAdd(stream, maxStreams, mayAct))
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "conflict", feed.IsStopped
                ? "the program is stopping" : $"the limit of {maxStreams} open pages is reached").ConfigureAwait(false);
            return;
        }

        try
        {
            context.Response.Headers["X-Accel-Buffering"] = "no";
            await TypedResults.ServerSentEvents(stream.ReadAsync(context.RequestAborted)).ExecuteAsync(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The page was closed.
        }
        finally
        {
            feed.Remove(stream);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        var json = JsonSerializer.Serialize(new ErrorObject(code, message), PageJson.Default.ErrorObject);
        return context.Response.WriteAsync(json, context.RequestAborted);
    }
}
