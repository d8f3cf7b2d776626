using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Nats;

/// <summary>The log messages of this package. Problems of a store have the same events as in Cotyledon.Hosting.Queues.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information,
        "Queue {Queue} is connected to {Servers}. Stream {Stream} has {Count} items.", EventName = "NatsConnected")]
    public static partial void Connected(ILogger logger, string queue, string servers, string stream, long count);

    [LoggerMessage(4, LogLevel.Error,
        "Queue {Queue}: {Problem} The operation is retried; no items are lost.", EventName = "StoreInTrouble")]
    public static partial void StoreInTrouble(ILogger logger, string queue, string problem);

    [LoggerMessage(5, LogLevel.Information, "Queue {Queue} is working again.", EventName = "StoreWorksAgain")]
    public static partial void StoreWorksAgain(ILogger logger, string queue);

    [LoggerMessage(8, LogLevel.Error,
        "Queue {Queue}: item {Id} failed too often, but the server does not accept it as a dead item. The item stays in the queue and is delivered "
        + "again in {Delay}. {Error}", EventName = "DeadItemRefused")]
    public static partial void DeadItemRefused(ILogger logger, string queue, long id, TimeSpan delay, string error);
}
