using Cotyledon.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddCotyledonWorker<Poller>(workers: 2);      // was: AddHostedService<Poller>()
await builder.Build().RunAsync();

internal sealed class Poller(IWorkerContext worker, ILogger<Poller> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            logger.LogInformation("Polling share {Id} of {Count}.", worker.WorkerId, worker.WorkerCount);
            await Task.Delay(1000, stoppingToken);
        }
    }
}
