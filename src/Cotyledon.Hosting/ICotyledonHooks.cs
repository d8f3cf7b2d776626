using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting;

/// <summary>Runs code of the program when the master reloads or stops, and when workers start and exit.</summary>
/// <remarks>
/// Registered with <c>AddCotyledonHooks</c>. Every member does nothing by default. All registered hooks run at the same time, on thread pool
/// threads. A hook that throws is logged. A hook that exceeds <see cref="CotyledonOptions.HookTimeout"/> is logged too, and the master or worker
/// continues without it.
/// </remarks>
public interface ICotyledonHooks
{
    /// <summary>Called once in the master when the program stops, before the workers are stopped.</summary>
    /// <param name="cancellationToken">Cancelled at the hook timeout.</param>
    /// <returns>A task; the workers are stopped when it completes.</returns>
    Task OnTerminateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Called in the master before all services reload: when a new configuration was accepted that differs outside section <c>Cotyledon</c>, or when
    /// a reload of all services was requested. Not called for a change in section <c>Cotyledon</c> only, a restart, or the reload of one worker.
    /// </summary>
    /// <param name="cancellationToken">Cancelled at the hook timeout.</param>
    /// <returns>A task; the workers reload when it completes.</returns>
    Task OnReloadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called in the worker when its service has started, before the master is told that the worker is ready.</summary>
    /// <param name="worker">The worker, the same instance that the service gets.</param>
    /// <param name="service">The service that runs in this worker.</param>
    /// <param name="cancellationToken">Cancelled at the hook timeout.</param>
    /// <returns>A task; the worker is ready when it completes.</returns>
    /// <remarks>
    /// The <c>ExecuteAsync</c> or <c>RunAsync</c> method of the service may have begun its work. Code that must run before it belongs in the
    /// constructor or in <c>StartAsync</c> of the service.
    /// </remarks>
    /// <example>
    /// <code>
    /// public Task OnNewWorkerAsync(IWorkerContext worker, IHostedService service, CancellationToken cancellationToken)
    /// {
    ///     logger.LogInformation("{Service}({WorkerId}) is ready.", worker.ServiceName, worker.WorkerId);
    ///     return Task.CompletedTask;
    /// }
    /// </code>
    /// </example>
    Task OnNewWorkerAsync(IWorkerContext worker, IHostedService service, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called in the master after each exit of a worker, planned exits and those of spare workers included.</summary>
    /// <param name="exit">The exit record. See <see cref="WorkerExit.IsSpare"/> and <see cref="WorkerExit.Reason"/>.</param>
    /// <param name="cancellationToken">Cancelled at the hook timeout.</param>
    /// <returns>
    /// A task. Only the stop of the master waits for it. Use <see cref="ICotyledonReplacementHooks"/> to run code before a replacement.
    /// </returns>
    Task OnDeadWorkerAsync(WorkerExit exit, CancellationToken cancellationToken) => Task.CompletedTask;
}
