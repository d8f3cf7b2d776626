using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting;

/// <summary>The supervisor, as the program sees it. All members may be used from any thread.</summary>
/// <remarks>
/// May be injected everywhere, so that hooks and other things that exist in master and workers can have it. In a worker every
/// member throws an <see cref="InvalidOperationException"/>.
/// </remarks>
public interface ICotyledonManager
{
    /// <summary>What every service and every worker is doing at this moment.</summary>
    /// <returns>One entry for each registered service, in the order of registration.</returns>
    IReadOnlyList<ServiceStatus> GetStatus();

    /// <summary>
    /// Gives a service a new number of workers, until the program ends or the number is changed again. Slots that had been
    /// given up are tried again.
    /// </summary>
    /// <param name="service">The service's name.</param>
    /// <param name="workers">The new number, 0 to 10,000.</param>
    /// <param name="cancellationToken">Ends the waiting, not the change.</param>
    /// <returns>A task that ends when the running workers are as the service's latest target says.</returns>
    /// <exception cref="ArgumentException">No service of this name is registered.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">
    /// The supervisor is stopping or not started yet, or a slot of the service was given up while this waited.
    /// </exception>
    Task ReconfigureAsync(string service, int workers, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads the configuration again and has the workers take it: what SIGHUP does. A bad configuration changes nothing that
    /// runs. One reload runs at a time; calls that come meanwhile share the next one.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, not the reload.</param>
    /// <returns>What became of it, when the last worker concerned has an outcome. Does not fail because of workers.</returns>
    /// <exception cref="InvalidOperationException">The supervisor has not started yet.</exception>
    Task<ReloadResult> ReloadAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces the workers of a service by new processes, <see cref="CotyledonWorkerOptions.MaxUnavailable"/> at a time. Each
    /// new process is started before the old one is asked to leave. One that does not get ready ends the restart.
    /// </summary>
    /// <param name="service">The service's name.</param>
    /// <param name="cancellationToken">Ends the waiting, not the restart.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="ArgumentException">No service of this name is registered.</exception>
    /// <exception cref="InvalidOperationException">The supervisor has not started yet.</exception>
    Task<ReloadResult> RestartAsync(string service, CancellationToken cancellationToken = default);

    /// <summary>What is wrong with the present configuration; the last good one is in force.</summary>
    /// <value>Empty while all is well.</value>
    IReadOnlyList<string> ConfigurationErrors { get; }

    /// <summary>Stops the workers and the program gracefully. Returns at once; further calls do nothing.</summary>
    /// <param name="exitCode">The exit code of the master.</param>
    void Shutdown(int exitCode = 0);

    /// <summary>
    /// Everything that happens to workers, from this call until the supervisor has stopped. May be called before it starts: who
    /// wants the first workers as well calls it in a constructor or in <see cref="IHostedLifecycleService.StartingAsync"/>.
    /// </summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>
    /// A stream that never holds up the supervisor: a reader more than 1,024 events behind loses the oldest ones.
    /// </returns>
    IAsyncEnumerable<WorkerEvent> WatchAsync(CancellationToken cancellationToken = default);
}
