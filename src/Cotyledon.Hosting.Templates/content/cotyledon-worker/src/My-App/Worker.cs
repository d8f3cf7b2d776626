using Cotyledon.Hosting;
using Microsoft.Extensions.Options;

namespace My_App;

/// <summary>Does this worker's share of the work: share k of n.</summary>
internal sealed class Worker(IWorkerContext worker, IOptionsMonitor<WorkerOptions> options, ILogger<Worker> logger)
    : BackgroundService, IReloadable
{
    public TimeSpan Interval => options.CurrentValue.Interval;

    /// <summary>Called after the settings were reloaded. Without this method, a reload replaces each worker by a new process.</summary>
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
