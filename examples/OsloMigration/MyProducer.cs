using Cotyledon.Hosting.Queues;
using Microsoft.Extensions.Options;

namespace OsloMigration;

/// <summary>Enqueues tasks. It runs in the master, like every hosted service that is not registered as a worker.</summary>
internal sealed class MyProducer(ICotyledonQueue<MyTask> queue, IOptions<MyOptions> options, ILogger<MyProducer> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.TaskInterval);
        for (var number = 1; await timer.WaitForNextTickAsync(stoppingToken); number++)
        {
            await queue.EnqueueAsync(new MyTask(number), stoppingToken);
            logger.LogDebug("Task {Number} is in the queue.", number);
        }
    }
}
