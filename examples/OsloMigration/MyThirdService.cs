using Cotyledon.Hosting;

namespace OsloMigration;

/// <summary>Any background service. It has no ReloadAsync, so a reload replaces its workers by new processes.</summary>
internal sealed class MyThirdService(IWorkerContext worker, ILogger<MyThirdService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        logger.LogInformation(
            "Worker {WorkerId} of {WorkerCount}, incarnation {Incarnation}.",
            worker.WorkerId,
            worker.WorkerCount,
            worker.Incarnation);
        await Task.Delay(Timeout.Infinite, stoppingToken);
    }
}
