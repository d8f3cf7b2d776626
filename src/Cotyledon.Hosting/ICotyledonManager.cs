using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting;

/// <summary>Shows and controls the workers, from code in the master. All members are thread-safe.</summary>
/// <remarks>
/// Can be injected everywhere, so that hooks and other classes that exist in the master and in workers can have it. In a worker every member
/// throws an <see cref="InvalidOperationException"/>.
/// </remarks>
[SuppressMessage("ApiDesign", "RS0026", Justification = "The overloads differ in their required parameters: no call fits two of them.")]
public interface ICotyledonManager
{
    /// <summary>Gets the present state of all services and workers.</summary>
    /// <returns>One entry for each registered service, in the order of registration.</returns>
    IReadOnlyList<ServiceStatus> GetStatus();

    /// <summary>Gets the present state of the program as a whole: its version, phase, health and spare workers.</summary>
    /// <returns>The state.</returns>
    CotyledonOverview GetOverview();

    /// <summary>Gets the most recent exits of workers.</summary>
    /// <param name="max">The largest number of exits to return; the last 64 are kept.</param>
    /// <returns>The exits, newest first. The service of a spare worker is <c>(spare)</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is negative.</exception>
    IReadOnlyList<WorkerExit> GetExits(int max = 64);

    /// <summary>Gets the reloads and restarts that wait or run, and the last 32 that have completed.</summary>
    /// <returns>
    /// The operations, newest first. A reload for a change of files that turns out to change nothing is removed when it has completed.
    /// </returns>
    IReadOnlyList<OperationStatus> GetOperations();

    /// <summary>
    /// Measures the processor time and the memory of the master and of each worker. Calls within one second share a measurement; without
    /// calls nothing is measured.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait, not the measurement.</param>
    /// <returns>
    /// The master first, then the workers in the order of <see cref="GetStatus"/>. Spare workers, new processes that wait for the
    /// exit of the worker that they replace, and workers that exit meanwhile are left out. With <see cref="CotyledonMode.InProcess"/>, only the
    /// master is returned: its process contains all workers.
    /// </returns>
    /// <exception cref="InvalidOperationException">The master has not started yet.</exception>
    /// <remarks>
    /// A measurement never delays the supervision. If the operating system needs more than two seconds for it, the previous result is
    /// returned.
    /// </remarks>
    Task<IReadOnlyList<WorkerUsage>> MeasureAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Changes the number of workers of a service, until the program stops or the number is changed again. Workers that were given up are
    /// restarted.
    /// </summary>
    /// <param name="service">The name of the service.</param>
    /// <param name="workers">The new number, 0 to 10,000.</param>
    /// <param name="cancellationToken">Cancels the wait, not the change.</param>
    /// <returns>A task that completes with the result when the number of the latest change is reached, or cannot be reached.</returns>
    /// <exception cref="ArgumentException">No service of this name is registered.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">
    /// The master has not started yet, or the service has <see cref="WorkerScope.Cluster"/>, so that only the configuration can change the
    /// number.
    /// </exception>
    /// <remarks>Do not await it in a hook: it would delay the reload, the stop or the replacement until the workers are ready.</remarks>
    Task<ScaleResult> ScaleAsync(string service, int workers, CancellationToken cancellationToken = default);

    /// <summary>
    /// Changes the number of workers of a service back to the one that code and configuration say
    /// (<see cref="ServiceStatus.ConfiguredTarget"/>). Workers that were given up are restarted.
    /// </summary>
    /// <param name="service">The name of the service.</param>
    /// <param name="cancellationToken">Cancels the wait, not the change.</param>
    /// <returns>The result, as <see cref="ScaleAsync"/> returns it.</returns>
    /// <exception cref="ArgumentException">No service of this name is registered.</exception>
    /// <exception cref="InvalidOperationException">The master has not started yet.</exception>
    Task<ScaleResult> ResetScaleAsync(string service, CancellationToken cancellationToken = default);

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

    /// <summary>
    /// Replaces one worker by a new process, which builds its host before the old one is stopped. If the new process fails before that, the old
    /// worker continues. If it fails later, the worker is restarted as after a crash. A worker that was given up, or waits for its restart, is
    /// started at once; with <see cref="WorkerScope.Cluster"/>, <see cref="ResetScaleAsync"/> does that.
    /// </summary>
    /// <param name="service">The name of the service.</param>
    /// <param name="workerId">The worker id.</param>
    /// <param name="cancellationToken">Cancels the wait, not the restart.</param>
    /// <returns>
    /// The result, when the worker has been replaced. The outcome is <see cref="ReloadOutcome.Failed"/> if the new process fails, if the service
    /// has no worker with this id at present, if this machine of the cluster does not run it, or if the master is stopping.
    /// </returns>
    /// <exception cref="ArgumentException">No service of this name is registered.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workerId"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">The master has not started yet.</exception>
    Task<ReloadResult> RestartAsync(string service, int workerId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Kills a worker with SIGKILL, for example because it hangs. Its exit has the reason <see cref="WorkerExitReason.Killed"/>, or
    /// <see cref="WorkerExitReason.LivenessTimeout"/> if the worker had missed that deadline. It counts as a crash, unless the master was already
    /// stopping the worker: the worker is restarted with the usual delays and limits. With <see cref="CotyledonMode.InProcess"/> the worker is abandoned,
    /// because code in the process of the master cannot be killed.
    /// </summary>
    /// <param name="service">The name of the service.</param>
    /// <param name="workerId">The worker id.</param>
    /// <param name="incarnation">
    /// The incarnation of the worker (<see cref="WorkerStatus.Incarnation"/>). It makes sure that its replacement is never killed in its place.
    /// </param>
    /// <param name="cancellationToken">Ends the wait, not the kill.</param>
    /// <returns>
    /// Whether the worker was sent SIGKILL. <see langword="false"/> if this incarnation does not run any more, so that nothing was killed.
    /// </returns>
    /// <exception cref="ArgumentException">No service of this name is registered.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workerId"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">The master has not started yet.</exception>
    Task<bool> KillAsync(string service, int workerId, long incarnation, CancellationToken cancellationToken = default);

    /// <summary>Gets the errors in the present configuration. While there are any, the last valid configuration is in use.</summary>
    /// <value>Empty if the configuration is valid.</value>
    IReadOnlyList<string> ConfigurationErrors { get; }

    /// <summary>Stops the workers and the program gracefully. Returns immediately; further calls do nothing.</summary>
    /// <param name="exitCode">The exit code of the master, 0 to 255.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exitCode"/> is not between 0 and 255.</exception>
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

    /// <summary>
    /// Watches the workers, beginning with past events: first those of the last 256 events whose number is higher than
    /// <paramref name="after"/>, then all new ones, until the master has stopped. No event is lost or repeated in between.
    /// </summary>
    /// <param name="after">The number of the last event that is known (<see cref="WorkerEvent.Number"/>); 0 for all that are kept.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>
    /// A stream of events. Their numbers increase by 1; a larger step shows how many events are missing, because they are not kept any more or
    /// the reader was more than 1,024 events behind.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="after"/> is negative.</exception>
    /// <remarks>
    /// The numbers begin at 1 in each master. If <paramref name="after"/> is from an earlier one, no past events are returned, or too few.
    /// </remarks>
    IAsyncEnumerable<WorkerEvent> WatchAsync(long after, CancellationToken cancellationToken = default);
}
