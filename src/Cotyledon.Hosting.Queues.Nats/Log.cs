using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>The log messages of this package, in addition to those of <see cref="Queues.Log"/>.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information,
        "Queue {Queue} is connected to {Servers}. Stream {Stream} has {Count} items.", EventName = "NatsConnected")]
    public static partial void Connected(ILogger logger, string queue, string servers, string stream, long count);
}
