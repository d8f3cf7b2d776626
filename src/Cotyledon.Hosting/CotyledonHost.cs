using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Worker;

namespace Cotyledon.Hosting;

/// <summary>Distinguishes master and workers, also before a host builder exists.</summary>
public static class CotyledonHost
{
    /// <summary>Gets whether this process was started as a worker by a master.</summary>
    /// <value>
    /// <see langword="true"/> in a worker, also before it has been assigned a worker id; <see langword="false"/> in the master and in
    /// programs without workers.
    /// </value>
    /// <example><code>if (!CotyledonHost.IsWorker) Migrate();</code></example>
    public static bool IsWorker => Lifeline.Current is not null;

    /// <summary>
    /// Gets the worker that the calling code belongs to, for code that cannot get an <see cref="IWorkerContext"/>, such as a request of a web
    /// application. Callable from any thread.
    /// </summary>
    /// <value>
    /// <see langword="null"/> in the master, and in a process that has no worker id yet. With <see cref="CotyledonMode.InProcess"/>, the worker
    /// whose service has started the current asynchronous flow.
    /// </value>
    public static WorkerInfo? CurrentWorker => WorkerProcess.TryGetIdentity(out var service, out var workerId, out var incarnation)
        ? new WorkerInfo { ServiceName = service, WorkerId = workerId, Incarnation = incarnation }
        : null;

    /// <summary>
    /// Connects a worker to its master. From then on the worker handles signals, and exits if the master has exited. Does nothing in the
    /// master and in other programs.
    /// </summary>
    /// <remarks>
    /// <c>AddCotyledonWorker</c> and the other registrations call it. Call it at the beginning of <c>Program.cs</c> if the program runs for
    /// a long time before it creates the host builder. It starts one thread in a worker. Further calls do nothing.
    /// </remarks>
    public static void Initialize() => Lifeline.Current?.Arm();
}
