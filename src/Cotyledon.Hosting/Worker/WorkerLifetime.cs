using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Worker;

/// <summary>
/// The worker's lifetime: nothing to wait for, and no signal handlers, since the master and the <see cref="Lifeline"/> say
/// when it ends.
/// </summary>
internal sealed class WorkerLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
