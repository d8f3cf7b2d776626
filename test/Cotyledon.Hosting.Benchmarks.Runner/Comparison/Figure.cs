namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>A measured value: a row of the table. Less is always better.</summary>
internal sealed record Figure(string Name, string Unit)
{
    public static readonly Figure Start = new("start until all are ready", "ms");
    public static readonly Figure StartOfMany = new("start of many workers until all are ready", "ms");
    public static readonly Figure FirstRespawn = new("respawn after SIGKILL, first", "ms");
    public static readonly Figure Respawn = new("respawn after SIGKILL, later", "ms");
    public static readonly Figure FirstRespawnWithSpare =
        new("respawn after SIGKILL, with a spare worker, first", "ms") { ComparedWith = FirstRespawn };
    public static readonly Figure RespawnWithSpare =
        new("respawn after SIGKILL, with a spare worker, later", "ms") { ComparedWith = Respawn };
    public static readonly Figure FirstReload = new("SIGHUP until all have reloaded, first", "ms");
    public static readonly Figure Reload = new("SIGHUP until all have reloaded, later", "ms");
    public static readonly Figure Stop = new("SIGTERM until the master has exited", "ms");
    public static readonly Figure Memory = new("memory (PSS) in total", "MB");
    public static readonly Figure MemoryOfWorker = new("memory (PSS) of a worker", "MB");
    public static readonly Figure IdleTime = new("idle: processor time", "ms/s");
    public static readonly Figure IdleSwitches = new("idle: context switches", "1/s");
    public static readonly Figure Rolling = new("rolling restart, one at a time", "ms");
    public static readonly Figure RollingSlot = new("rolling restart: time per worker", "ms");
    public static readonly Figure SlotEmpty = new("rolling restart: how long a worker id is unused", "ms");
    public static readonly Figure LongestEmpty = new("rolling restart: the longest that a worker id is unused", "ms");

    public static readonly Figure QueueItem = new("queue, 4 consumers: time per item, added one by one", "µs");
    public static readonly Figure QueueItemOfHundred =
        new("queue, 4 consumers: time per item, added in hundreds", "µs") { ComparedWith = QueueItem };
    public static readonly Figure QueueFileItem =
        new("queue in a file, 4 consumers: time per item, added in hundreds", "µs") { ComparedWith = QueueItem };
    public static readonly Figure QueueLatency = new("queue, 1 consumer: latency of an item when idle", "µs");

    /// <summary>The figure of the baseline to compare with, if the baseline does not have this one.</summary>
    public Figure ComparedWith
    {
        get => field ?? this;
        private init;
    }

    public static IReadOnlyList<Figure> All { get; } =
    [
        Start, StartOfMany, FirstRespawn, Respawn, FirstRespawnWithSpare, RespawnWithSpare, FirstReload, Reload, Stop,
        Memory, MemoryOfWorker, IdleTime, IdleSwitches,
        Rolling, RollingSlot, SlotEmpty, LongestEmpty, QueueItem, QueueItemOfHundred, QueueFileItem, QueueLatency,
    ];
}
