using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues;

/// <summary>The log messages of this package. Messages about one queue start with its name.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Queue {Queue} ({Provider}) opened with {Count} items.", EventName = "QueueOpened")]
    public static partial void QueueOpened(ILogger logger, string queue, string provider, long count);

    [LoggerMessage(2, LogLevel.Error,
        "Queue {Queue}: item {Id} cannot be read as {Type} and becomes a dead item. {Error}", EventName = "UnreadableItem")]
    public static partial void UnreadableItem(ILogger logger, string queue, long id, string type, string error);

    [LoggerMessage(3, LogLevel.Error, "The connection of a worker to its queues was closed after an error. The worker stops.", EventName = "BadFrame")]
    public static partial void BadFrame(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Error,
        "Queue {Queue}: {Problem} The operation is retried; no items are lost.", EventName = "StoreInTrouble")]
    public static partial void StoreInTrouble(ILogger logger, string queue, string problem);

    [LoggerMessage(5, LogLevel.Information, "Queue {Queue} is working again.", EventName = "StoreWorksAgain")]
    public static partial void StoreWorksAgain(ILogger logger, string queue);

    [LoggerMessage(6, LogLevel.Warning,
        "Queue {Queue}: item {Id} was delivered {Attempts} times and not completed. It is now a dead item.", EventName = "ItemDied")]
    public static partial void ItemDied(ILogger logger, string queue, long id, int attempts);

    [LoggerMessage(7, LogLevel.Warning,
        "Queue {Queue} keeps at most {MaxDead} dead items in memory. Older ones were dropped: {Dropped} since the start. Increase "
        + "{Section}:MaxDead, or use provider File, which keeps all dead items.", EventName = "DeadItemsDropped")]
    public static partial void DeadItemsDropped(ILogger logger, string queue, int maxDead, long dropped, string section);
}
