using Cotyledon.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddCotyledonWorker<Poller>(workers: 2);      // was: AddHostedService<Poller>()
await builder.Build().RunAsync();

internal sealed class Poller(IWorkerContext worker, IConfiguration settings, ILogger<Poller> logger)
    : BackgroundService, IReloadable
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            logger.LogInformation("Polling share {Id} of {Count}.", worker.WorkerId, worker.WorkerCount);
            worker.ReportAlive();      // With LivenessTimeout: restarted when these calls stop.
            await Task.Delay(settings.GetValue("Interval", 1000), stoppingToken);
        }
    }

    // Called after a change of the settings. Without IReloadable, the workers are replaced.
    public Task ReloadAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
