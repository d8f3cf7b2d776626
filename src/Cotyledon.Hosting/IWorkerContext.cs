namespace Cotyledon.Hosting;

/// <summary>Which worker this is. Scoped: inject it into the service or into anything that the service uses.</summary>
/// <remarks>All members may be used from any thread.</remarks>
public interface IWorkerContext
{
    /// <summary>The service's name, as registered.</summary>
    string ServiceName { get; }

    /// <summary>The worker's number within its service: 0 to n-1, the same for a process and for the one that replaces it.</summary>
    int WorkerId { get; }

    /// <summary>How many workers the service is to have now.</summary>
    int WorkerCount { get; }

    /// <summary>How often this slot (service and worker id) has been filled since the master started, from 1.</summary>
    long Incarnation { get; }

    /// <summary>Raised with the new <see cref="WorkerCount"/>, on a thread pool thread.</summary>
    event Action<int> WorkerCountChanged;

    /// <summary>
    /// Says that the service works now. Needed only with <see cref="CotyledonWorkerOptions.WaitForMarkReady"/>; otherwise the
    /// worker is ready when <c>StartAsync</c> has returned, or when this is called during it. Further calls do nothing.
    /// </summary>
    void MarkReady();

    /// <summary>
    /// Asks the master for a replacement: it stops this worker gracefully (exit code 0) as soon as
    /// <see cref="CotyledonWorkerOptions.MaxUnavailable"/> allows, and fills the slot again at once. Returns immediately.
    /// </summary>
    void RequestRestart();

    /// <summary>
    /// Asks the master to end the whole program gracefully: the hooks run, then all workers stop, as with <see cref="ICotyledonManager.Shutdown"/>.
    /// Returns immediately; the worker goes on until the master stops it. If several workers ask, the first exit code counts.
    /// <c>IHostApplicationLifetime.StopApplication</c> ends only the worker that calls it, which is then started again.
    /// </summary>
    /// <param name="exitCode">The exit code of the program, 0 to 255.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exitCode"/> is out of range.</exception>
    void RequestShutdown(int exitCode = 0);

    /// <summary>
    /// Says that the service is alive, by its own measure. From the first call on only these calls count for
    /// <see cref="CotyledonWorkerOptions.LivenessTimeout"/>, and no longer that the thread pool runs. Cheap: call it in each turn
    /// of a loop, from any thread. Without a timeout it does nothing.
    /// </summary>
    void ReportAlive();
}
