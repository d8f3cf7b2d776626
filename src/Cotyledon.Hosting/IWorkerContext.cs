namespace Cotyledon.Hosting;

/// <summary>Provides the identity of the worker in which a service runs, and requests to the master.</summary>
/// <remarks>
/// Scoped: inject it into the service, or into scoped and transient services that it uses. Elsewhere, such as in the master or in a
/// singleton, it cannot be resolved (<see cref="InvalidOperationException"/>). All members are thread-safe.
/// </remarks>
public interface IWorkerContext
{
    /// <summary>Gets the name of the service, as registered.</summary>
    string ServiceName { get; }

    /// <summary>Gets the worker id, from 0 to the number of workers minus one. A replacement has the id of the worker that it replaces.</summary>
    int WorkerId { get; }

    /// <summary>Gets the present target number of workers of the service, with <see cref="WorkerScope.Cluster"/> that of the whole cluster.</summary>
    int WorkerCount { get; }

    /// <summary>
    /// Gets the incarnation of the worker: 1 for the first process with this worker id, 2 for its replacement, and so on. With
    /// <see cref="WorkerScope.Cluster"/> it grows in the order in which the machines take over the worker id, each time to the next block of a
    /// million. So it can be used as a fencing token in the whole cluster.
    /// </summary>
    long Incarnation { get; }

    /// <summary>Occurs when <see cref="WorkerCount"/> has changed. Raised with the new number, on a thread pool thread.</summary>
    /// <remarks>If a handler throws, the worker exits as if the run of its service had failed.</remarks>
    event Action<int> WorkerCountChanged;

    /// <summary>Reports that the service is ready. Further calls do nothing.</summary>
    /// <remarks>
    /// Needed only with <see cref="CotyledonWorkerOptions.WaitForMarkReady"/>. Otherwise the worker is ready when <c>StartAsync</c> has
    /// returned, or when this method is called before.
    /// </remarks>
    void MarkReady();

    /// <summary>
    /// Requests a replacement: the master starts a new process, and then stops this worker gracefully, with exit code 0, as soon as
    /// <see cref="CotyledonWorkerOptions.MaxUnavailable"/> allows. Returns immediately.
    /// </summary>
    /// <remarks>
    /// If workers with this id request it repeatedly before <see cref="CotyledonWorkerOptions.StableAfter"/> has passed, the replacement is
    /// delayed by the restart back-off.
    /// </remarks>
    void RequestRestart();

    /// <summary>
    /// Requests that the whole program stops gracefully, as <see cref="ICotyledonManager.Shutdown"/> does. Returns immediately; the worker
    /// continues until the master stops it.
    /// </summary>
    /// <param name="exitCode">The exit code of the program, 0 to 255. If several workers call this method, the first exit code is used.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exitCode"/> is out of range.</exception>
    /// <remarks><c>IHostApplicationLifetime.StopApplication</c> stops only the worker that calls it, and that worker is then restarted.</remarks>
    void RequestShutdown(int exitCode = 0);

    /// <summary>Reports that the service is alive.</summary>
    /// <remarks>
    /// After the first call, only these calls count for <see cref="CotyledonWorkerOptions.LivenessTimeout"/>; before it, the worker counts as
    /// alive while its thread pool runs. The call is cheap: call it in each iteration of a loop, from any thread, and during long work. While the
    /// service waits for an item of an <c>ICotyledonQueue</c>, or for room in it, the queue reports for it. Without a liveness timeout the call
    /// does nothing.
    /// </remarks>
    void ReportAlive();
}
