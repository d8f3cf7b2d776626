using Cotyledon.Hosting;
using Cotyledon.Hosting.Queues;
using Microsoft.Extensions.Options;

namespace OsloMigration;

/// <summary>Processes the tasks of the queue. Each of its workers has an instance of its own.</summary>
internal sealed class MyService(
    IWorkerContext worker, IOptionsMonitor<MyOptions> options, ICotyledonQueue<MyTask> queue, ILogger<MyService> logger)
    : CotyledonService
{
    private int _tasks;

    /// <summary>Called when the worker has the new configuration.</summary>
    public override Task ReloadAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("Worker {WorkerId} reloads; says {Greeting} now.", worker.WorkerId, options.CurrentValue.Greeting);
        return Task.CompletedTask;
    }

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var delivery in queue.ReadAllAsync(cancellationToken))
        {
            _tasks++;
            logger.LogInformation(
                "Worker {WorkerId} says {Greeting} to task {Number}.",
                worker.WorkerId,
                options.CurrentValue.Greeting,
                delivery.Item.Number);
            await delivery.CompleteAsync();
        }
    }

    protected override Task TerminateAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("Worker {WorkerId} terminates; tasks done: {Tasks}.", worker.WorkerId, _tasks);
        return Task.CompletedTask;
    }
}
