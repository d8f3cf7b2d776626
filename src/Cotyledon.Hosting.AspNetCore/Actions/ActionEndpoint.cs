using System.Text.Json;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.AspNetCore.Actions;

/// <summary>Receives the requests of the page, and answers with the result or with an error.</summary>
internal sealed class ActionEndpoint(ActionRunner runner, PageAccess access, ILogger logger, CancellationToken stopping)
{
    private const int MaxBody = 64 * 1024;

    public async Task HandleAsync(HttpContext context)
    {
        var verb = context.GetRouteValue("verb") as string ?? "";
        using var requester = UseRequester(context);
        try
        {
            var action = ActionRunner.Find(verb) ?? throw ActionException.NotFound("The page has no such action.");
            CheckOrigin(context.Request, action);
            var mayAct = action.IsRead || await access.MayActAsync(context).ConfigureAwait(false);
            if (context.User.Identity?.IsAuthenticated == true)
            {
                // The actions policy may have authenticated another user, with a scheme of its own. The scope above restores the requester.
                _ = UseRequester(context);
            }

            if (!mayAct)
            {
                throw Denied(action, "the actions policy does not allow it", "You may read this page, but you are not allowed to use its actions.");
            }

            var request = await ReadAsync(context).ConfigureAwait(false);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            var result = await RunAsync(action, request, ended.Token).ConfigureAwait(false);
            await WriteAsync(context, StatusCodes.Status200OK, result.Json).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The page was closed.
        }
        catch (Exception exception)
        {
            var error = Translate(exception, verb);
            var json = JsonSerializer.Serialize(new ErrorObject(error.Code, error.Message), PageJson.Default.ErrorObject);
            await WriteAsync(context, error.Status, json).ConfigureAwait(false);
        }
    }

    private async Task<ActionRunner.ActionResult> RunAsync(ActionRunner.PageAction action, ActionRequest request, CancellationToken ended)
    {
        try
        {
            var result = await action.RunAsync(runner, request, ended).ConfigureAwait(false);
            LogOutcome(result.Outcome);
            return result;
        }
        catch (OperationCanceledException)
        {
            LogOutcome("the page was closed or the program stops, so the outcome is not known");
            throw;
        }

        void LogOutcome(string outcome)
        {
            if (!action.IsRead)
            {
                Log.ActionRequested(logger, ControlRequester.Current, action.Describe(request), outcome);
            }
        }
    }

    private void CheckOrigin(HttpRequest request, ActionRunner.PageAction action)
    {
        if (!PageAccess.IsFromPage(request) || request.Headers["X-Cotyledon"] != "1" || !request.HasJsonContentType())
        {
            throw Denied(action, "the request does not come from the page", "The request was refused because it does not come from the page.");
        }
    }

    private ActionException Denied(ActionRunner.PageAction action, string reason, string message)
    {
        Log.ActionDenied(logger, ControlRequester.Current, action.Verb, reason);
        return new ActionException("denied", message);
    }

    private static async Task<ActionRequest> ReadAsync(HttpContext context)
    {
        var body = new byte[MaxBody + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, context.RequestAborted)
            .ConfigureAwait(false);
        if (length > MaxBody)
        {
            throw ActionException.Usage($"The request is longer than {MaxBody} bytes.");
        }

        try
        {
            return JsonSerializer.Deserialize(body.AsSpan(0, length), PageJson.Default.ActionRequest)
                ?? throw ActionException.Usage("The request is not a JSON object.");
        }
        catch (JsonException exception)
        {
            throw ActionException.Usage($"The request is not valid JSON: {exception.Message}");
        }
    }

    private ActionException Translate(Exception exception, string verb)
    {
        switch (exception)
        {
            case ActionException known:
                return known;
            case OperationCanceledException:
                return ActionException.Conflict("The program is stopping. It is not known whether the action was completed.");
            case BadHttpRequestException:
                return ActionException.Usage("The request could not be read.");
            case ArgumentException:
                return ActionException.Usage(exception.Message);
            case InvalidOperationException:
                return ActionException.Conflict(exception.Message);
            default:
                Log.ActionFailed(logger, exception, ControlRequester.Current, verb);
                return new ActionException("failed", exception.Message);
        }
    }

    private static Task WriteAsync(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(json, context.RequestAborted);
    }

    private static IDisposable UseRequester(HttpContext context)
    {
        var user = context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? name : "(anonymous)";
        return ControlRequester.Use($"page user {user}");
    }
}
