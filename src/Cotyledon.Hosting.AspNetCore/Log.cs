using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.AspNetCore;

/// <summary>The log messages of this package.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning,
        "The page at {Path} has no authorization, so requests are refused with status code 403. Call RequireAuthorization on the result of "
        + "MapCotyledon. Without it, the page can only be read in the environment Development and from the same machine.",
        EventName = "PageRefused")]
    public static partial void PageRefused(ILogger logger, string path);

    [LoggerMessage(2, LogLevel.Information, "{Requester} requested {Action}: {Outcome}", EventName = "ActionRequested")]
    public static partial void ActionRequested(ILogger logger, string requester, string action, string outcome);

    [LoggerMessage(3, LogLevel.Warning, "{Requester} was denied {Action}: {Reason}", EventName = "ActionDenied")]
    public static partial void ActionDenied(ILogger logger, string requester, string action, string reason);

    [LoggerMessage(4, LogLevel.Error, "{Requester} requested {Action}, which failed.", EventName = "ActionFailed")]
    public static partial void ActionFailed(ILogger logger, Exception exception, string requester, string action);

    [LoggerMessage(5, LogLevel.Error, "The page could not read the state of the program. The open pages were disconnected and connect again.",
        EventName = "FeedFailed")]
    public static partial void FeedFailed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Information, "The live page is available at {Addresses}", EventName = "PageAvailable")]
    public static partial void PageAvailable(ILogger logger, string addresses);
}
