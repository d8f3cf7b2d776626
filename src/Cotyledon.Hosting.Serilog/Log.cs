using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Serilog;

/// <summary>Every line that the package logs. Who comes first: service, worker id, process id.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning,
        "{Service}({WorkerId}) [{ProcessId}] lost {Count} log events: they came faster than the log takes them.",
        EventName = "EventsLost")]
    public static partial void EventsLost(ILogger logger, string service, int workerId, int processId, long count);

    [LoggerMessage(2, LogLevel.Warning,
        "A blank worker [{ProcessId}] lost {Count} log events: they came faster than the log takes them.",
        EventName = "BlankWorkerLostEvents")]
    public static partial void BlankWorkerLostEvents(ILogger logger, int processId, long count);

    [LoggerMessage(3, LogLevel.Error,
        "{Worker} sent bytes that are not a log; its log was closed, and later log events of this process are lost: {Error}",
        EventName = "BadFrame")]
    public static partial void BadFrame(ILogger logger, string worker, string error);

    [LoggerMessage(4, LogLevel.Warning,
        "The last log events of {Count} workers were not written in time: the log does not take them.",
        EventName = "NotAllWritten")]
    public static partial void NotAllWritten(ILogger logger, int count);

    [LoggerMessage(5, LogLevel.Error,
        "{Worker} sent {Count} log frames that cannot be read; they were skipped. The last one: {Error}",
        EventName = "UnreadableFrames")]
    public static partial void UnreadableFrames(ILogger logger, string worker, long count, string error);
}
