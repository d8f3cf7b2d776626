namespace Cotyledon.Hosting;

/// <summary>Allows a service to apply a new configuration while it runs. Any <c>IHostedService</c> can implement it.</summary>
public interface IReloadable
{
    /// <summary>Applies the new configuration. Called in the worker after its configuration has the accepted values.</summary>
    /// <param name="cancellationToken">
    /// Cancelled at the graceful timeout of the worker, and when the worker is told to stop. The service is then stopped when the reload has
    /// ended, or at the graceful timeout.
    /// </param>
    /// <returns>A task that completes when the service uses the new configuration.</returns>
    /// <remarks>
    /// Called on a thread pool thread, one call at a time. If it throws, the worker exits with code 2, or with that of a
    /// <see cref="WorkerExitException"/>; if it exceeds the graceful timeout, the worker is replaced.
    /// </remarks>
    Task ReloadAsync(CancellationToken cancellationToken);
}
