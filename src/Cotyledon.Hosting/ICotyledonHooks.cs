using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting;

/// <summary>What a program wants to do at the turning points of the master's and the workers' lives.</summary>
/// <remarks>
/// Registered with <c>AddCotyledonHooks</c>. Every member does nothing by default. All registered hooks of a kind run at the
/// same time, on thread pool threads; one that throws is logged, one that takes longer than
/// <see cref="CotyledonOptions.HookTimeout"/> is logged and no longer waited for. The supervisor goes on in any case.
/// </remarks>
public interface ICotyledonHooks
{
    /// <summary>Called once in the master when it was told to stop, before it asks the workers to stop.</summary>
    /// <param name="cancellationToken">Cancelled at the hook's timeout.</param>
    /// <returns>A task; the workers are asked to stop when it ends.</returns>
    Task OnTerminateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called in the master when a good configuration was reloaded, before the workers are.</summary>
    /// <param name="cancellationToken">Cancelled at the hook's timeout.</param>
    /// <returns>A task; the workers are reloaded when it ends.</returns>
    Task OnReloadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called in the worker when its service is ready, before the master is told so.</summary>
    /// <param name="worker">The worker: the same instance that the service gets.</param>
    /// <param name="service">The service that runs here.</param>
    /// <param name="cancellationToken">Cancelled at the hook's timeout.</param>
    /// <returns>A task; the worker counts as ready when it ends.</returns>
    /// <remarks>
    /// The service has started by then, and its <c>ExecuteAsync</c> or <c>RunAsync</c> may have done work already: the hook gets a service
    /// that works. What must come before the work belongs in the constructor or in <c>StartAsync</c> of the service.
    /// </remarks>
    Task OnNewWorkerAsync(IWorkerContext worker, IHostedService service, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called in the master after each exit of a worker, planned ones included.</summary>
    /// <param name="exit">Who left, and why.</param>
    /// <param name="cancellationToken">Cancelled at the hook's timeout.</param>
    /// <returns>
    /// A task; nothing waits for it but the end of the master. <see cref="ICotyledonReplacementHooks"/> is for what must come before the
    /// replacement.
    /// </returns>
    Task OnDeadWorkerAsync(WorkerExit exit, CancellationToken cancellationToken) => Task.CompletedTask;
}
