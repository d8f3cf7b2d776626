using Cotyledon.Hosting.Channel;

namespace Cotyledon.Hosting.Worker;

/// <summary>
/// Finds the worker that the running code belongs to: the worker of this process, or one of the workers in the master's process.
/// </summary>
internal static class CurrentWorker
{
    private static readonly AsyncLocal<(Frame.Assign Assignment, Heartbeat? Heartbeat)?> Flow = new();

    /// <value><see langword="null"/> in the master, and in a worker process that has no worker id yet.</value>
    public static Frame.Assign? Assignment => Flow.Value?.Assignment ?? Lifeline.Current?.Assignment;

    /// <value><see langword="null"/> in the master, and in a worker process that has no worker id yet.</value>
    public static Heartbeat? Heartbeat => Flow.Value is { } worker ? worker.Heartbeat : HeartbeatOfProcess;

    /// <summary>The heartbeat of the worker that this process is.</summary>
    public static Heartbeat? HeartbeatOfProcess { get; set; }

    /// <summary>Completes when the worker that this process is has reported that it is ready.</summary>
    public static Task? ReadyOfProcess { get; set; }

    /// <summary>Sets the worker of the calling asynchronous method and of everything that it starts.</summary>
    public static void Enter(Frame.Assign assignment, Heartbeat? heartbeat) => Flow.Value = (assignment, heartbeat);
}
