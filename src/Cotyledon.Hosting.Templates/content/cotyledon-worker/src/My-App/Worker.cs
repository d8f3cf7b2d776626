using Cotyledon.Hosting;
using Microsoft.Extensions.Options;

namespace My_App;

/// <summary>Does the share of the work that belongs to worker k of n.</summary>
internal sealed class Worker(IWorkerContext worker, IOptionsMonitor<WorkerOptions> options, ILogger<Worker> logger)
    : BackgroundService, IReloadable
{
    public TimeSpan Interval => options.CurrentValue.Interval;

    /// <summary>Called when the configuration has changed. Without this method, each worker is replaced by a new process instead.</summary>
    public Task ReloadAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("The interval is {Interval} now.", Interval);
        return Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            logger.LogInformation("Share {Id} of {Count}.", worker.WorkerId, worker.WorkerCount);
            await Task.Delay(Interval, stoppingToken);
        }
    }
}
