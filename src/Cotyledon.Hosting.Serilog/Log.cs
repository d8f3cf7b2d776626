using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Serilog;

/// <summary>The log messages of this package. They start with the worker: service, worker id, process id.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning,
        "{Service}({WorkerId}) [{ProcessId}] lost {Count} log events: the master did not write them fast enough. Log less, or use faster "
        + "sinks.",
        EventName = "EventsLost")]
    public static partial void EventsLost(ILogger logger, string service, int workerId, int processId, long count);

    [LoggerMessage(2, LogLevel.Warning,
        "A spare worker [{ProcessId}] lost {Count} log events: the master did not write them fast enough. Log less, or use faster sinks.",
        EventName = "BlankWorkerLostEvents")]
    public static partial void BlankWorkerLostEvents(ILogger logger, int processId, long count);

    [LoggerMessage(3, LogLevel.Error,
        "{Worker} sent invalid data. Its log connection was closed, so its later log events are lost until it is restarted. Error: {Error}",
        EventName = "BadFrame")]
    public static partial void BadFrame(ILogger logger, string worker, string error);

    [LoggerMessage(4, LogLevel.Warning,
        "The last log events of {Count} workers were not written in time, because the sinks are too slow.",
        EventName = "NotAllWritten")]
    public static partial void NotAllWritten(ILogger logger, int count);

    [LoggerMessage(5, LogLevel.Error,
        "{Worker} sent {Count} log frames that cannot be read and were skipped. The last error: {Error}",
        EventName = "UnreadableFrames")]
    public static partial void UnreadableFrames(ILogger logger, string worker, long count, string error);
}
