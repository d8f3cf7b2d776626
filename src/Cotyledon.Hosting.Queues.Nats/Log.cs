using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>What this package adds to the lines of <see cref="Queues.Log"/>.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information,
        "Queue {Queue} is connected with {Servers}; {Count} items are in stream {Stream}.", EventName = "NatsConnected")]
    public static partial void Connected(ILogger logger, string queue, string servers, string stream, long count);
}
