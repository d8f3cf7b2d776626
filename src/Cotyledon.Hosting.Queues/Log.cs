using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues;

/// <summary>Every line that the package logs. The queue comes first.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Queue {Queue} ({Provider}) is open; {Count} items are here.", EventName = "QueueOpened")]
    public static partial void QueueOpened(ILogger logger, string queue, string provider, long count);

    [LoggerMessage(2, LogLevel.Error,
        "Queue {Queue}: item {Id} cannot be read as {Type}, and is kept as dead. {Error}", EventName = "UnreadableItem")]
    public static partial void UnreadableItem(ILogger logger, string queue, long id, string type, string error);

    [LoggerMessage(3, LogLevel.Error, "A worker's connection to its queues was closed.", EventName = "BadFrame")]
    public static partial void BadFrame(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "Queue {Queue}: {Problem} It is tried again; nothing is lost.", EventName = "StoreInTrouble")]
    public static partial void StoreInTrouble(ILogger logger, string queue, string problem);

    [LoggerMessage(5, LogLevel.Information, "Queue {Queue} works again.", EventName = "StoreWorksAgain")]
    public static partial void StoreWorksAgain(ILogger logger, string queue);

    [LoggerMessage(6, LogLevel.Warning,
        "Queue {Queue}: item {Id} was taken {Attempts} times and not completed; it is kept as dead.", EventName = "ItemDied")]
    public static partial void ItemDied(ILogger logger, string queue, long id, int attempts);

    [LoggerMessage(7, LogLevel.Warning,
        "Queue {Queue} keeps {MaxDead} dead items in memory and drops older ones: {Dropped} since the start. Increase {Section}:MaxDead, "
        + "or use provider File, which keeps all.", EventName = "DeadItemsDropped")]
    public static partial void DeadItemsDropped(ILogger logger, string queue, int maxDead, long dropped, string section);
}
