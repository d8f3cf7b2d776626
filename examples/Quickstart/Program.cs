using Cotyledon.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddCotyledonWorker<Poller>(workers: 2);      // was: AddHostedService<Poller>()
await builder.Build().RunAsync();

internal sealed class Poller(IWorkerContext worker, ILogger<Poller> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            logger.LogInformation("Polling share {Id} of {Count}.", worker.WorkerId, worker.WorkerCount);
        }
    }
}
