using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Worker;

/// <summary>
/// The lifetime of a worker's host. It waits for nothing and handles no signals, because the <see cref="Lifeline"/> decides when the host
/// stops.
/// </summary>
internal sealed class WorkerLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
