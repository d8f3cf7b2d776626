namespace Cotyledon.Hosting;

/// <summary>A service that takes a new configuration while it runs. Any <c>IHostedService</c> may implement it.</summary>
public interface IReloadable
{
    /// <summary>Called in the worker after it has taken the configuration that the master accepted.</summary>
    /// <param name="cancellationToken">
    /// Cancelled when the worker's graceful timeout has passed, and when the worker is asked to stop. The service is stopped when the
    /// reload has ended, or at the graceful timeout.
    /// </param>
    /// <returns>A task that ends when the new configuration is in force.</returns>
    /// <remarks>Called on a thread pool thread, never twice at the same time. An exception ends the worker with exit code 2.</remarks>
    Task ReloadAsync(CancellationToken cancellationToken);
}
