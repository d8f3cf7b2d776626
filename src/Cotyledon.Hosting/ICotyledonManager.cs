using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting;

/// <summary>Shows and controls the workers, from code in the master. All members are thread-safe.</summary>
/// <remarks>
/// Can be injected everywhere, so that hooks and other classes that exist in the master and in workers can have it. In a worker every member
/// throws an <see cref="InvalidOperationException"/>.
/// </remarks>
public interface ICotyledonManager
{
    /// <summary>Gets the present state of all services and workers.</summary>
    /// <returns>One entry for each registered service, in the order of registration.</returns>
    IReadOnlyList<ServiceStatus> GetStatus();

    /// <summary>
    /// Changes the number of workers of a service, until the program stops or the number is changed again. Workers that were given up are
    /// restarted.
    /// </summary>
    /// <param name="service">The name of the service.</param>
    /// <param name="workers">The new number, 0 to 10,000.</param>
    /// <param name="cancellationToken">Cancels the wait, not the change.</param>
    /// <returns>A task that completes when the service has the new number of ready workers.</returns>
    /// <exception cref="ArgumentException">No service of this name is registered.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">
    /// The master is stopping or has not started yet, or a worker of the service has crashed too often and was given up.
    /// </exception>
    /// <remarks>Do not await it in a hook: it would delay the reload, the stop or the replacement until the workers are ready.</remarks>
    Task ReconfigureAsync(string service, int workers, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reloads the configuration and the workers, as SIGHUP does. An invalid configuration changes nothing. One reload runs at a time;
    /// calls during a reload share the next one.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait, not the reload.</param>
    /// <returns>The result, when the last affected worker is done. Failures of workers are in the result.</returns>
    /// <exception cref="InvalidOperationException">The master has not started yet.</exception>
    /// <example>
    /// <code>
    /// var result = await manager.ReloadAsync(cancellationToken);
    /// if (result.Outcome is ReloadOutcome.Rejected or ReloadOutcome.Failed)
    /// {
    ///     logger.LogError("Reload: {Errors}", string.Join(" ", result.Errors));
    /// }
    /// </code>
    /// </example>
    Task<ReloadResult> ReloadAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces the workers of a service by new processes, <see cref="CotyledonWorkerOptions.MaxUnavailable"/> at a time. Each new process is
    /// started before the old one is stopped. If a new process does not become ready, the restart is aborted, and the remaining workers are
    /// unchanged.
    /// </summary>
    /// <param name="service">The name of the service.</param>
    /// <param name="cancellationToken">Cancels the wait, not the restart.</param>
    /// <returns>The result, when the last worker has been replaced.</returns>
    /// <exception cref="ArgumentException">No service of this name is registered.</exception>
    /// <exception cref="InvalidOperationException">The master has not started yet.</exception>
    Task<ReloadResult> RestartAsync(string service, CancellationToken cancellationToken = default);

    /// <summary>Gets the errors in the present configuration. While there are any, the last valid configuration is in use.</summary>
    /// <value>Empty if the configuration is valid.</value>
    IReadOnlyList<string> ConfigurationErrors { get; }

    /// <summary>Stops the workers and the program gracefully. Returns immediately; further calls do nothing.</summary>
    /// <param name="exitCode">The exit code of the master.</param>
    void Shutdown(int exitCode = 0);

    /// <summary>Watches the workers, from this call until the master has stopped.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>
    /// A stream of events. A reader that is more than 1,024 events behind loses the oldest ones; it never delays the master.
    /// </returns>
    /// <remarks>
    /// Can be called before the master starts. To get the events of the first workers too, call it in a constructor or in
    /// <see cref="IHostedLifecycleService.StartingAsync"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// await foreach (var worker in manager.WatchAsync(cancellationToken))
    /// {
    ///     logger.LogInformation("{Service}({WorkerId}) {Kind}", worker.Service, worker.WorkerId, worker.Kind);
    /// }
    /// </code>
    /// </example>
    IAsyncEnumerable<WorkerEvent> WatchAsync(CancellationToken cancellationToken = default);
}
