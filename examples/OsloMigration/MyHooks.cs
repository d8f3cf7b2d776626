using Cotyledon.Hosting;
using Microsoft.Extensions.Options;

namespace OsloMigration;

/// <summary>Runs code when the master reloads or stops, and when workers start and exit.</summary>
internal sealed class MyHooks(ICotyledonManager manager, IOptionsMonitor<MyOptions> options, ILogger<MyHooks> logger)
    : ICotyledonHooks
{
    /// <summary>Called in the master when a configuration was accepted. The workers reload afterwards.</summary>
    public Task OnReloadAsync(CancellationToken cancellationToken)
    {
        // Not awaited: it completes when the workers are ready, and the reload of all other services waits for this hook.
        _ = ScaleServiceAsync(options.CurrentValue.OtherWorkers);
        return Task.CompletedTask;
    }

    /// <summary>Called in the master, before the workers are stopped.</summary>
    public Task OnTerminateAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("Master terminates.");
        return Task.CompletedTask;
    }

    /// <summary>Called in the worker, when its service has started.</summary>
    public Task OnNewWorkerAsync(IWorkerContext worker, IHostedService service, CancellationToken cancellationToken)
    {
        logger.LogInformation("New: {Service}({WorkerId}).", worker.ServiceName, worker.WorkerId);
        return Task.CompletedTask;
    }

    /// <summary>Called in the master, after each exit of a worker.</summary>
    public Task OnDeadWorkerAsync(WorkerExit exit, CancellationToken cancellationToken)
    {
        logger.LogInformation("Dead: {Service}({WorkerId}), {Reason}.", exit.Service, exit.WorkerId, exit.Reason);
        return Task.CompletedTask;
    }

    private async Task ScaleServiceAsync(int workers)
    {
        logger.LogInformation("Master reloads; {Service} is to have {Workers} workers.", MyOtherService.Name, workers);
        var result = await manager.ScaleAsync(MyOtherService.Name, workers);
        if (result.Outcome == ScaleOutcome.Scaled)
        {
            logger.LogInformation("Master has reloaded; {Service} has {Workers} workers.", MyOtherService.Name, workers);
        }
        else
        {
            logger.LogWarning("{Service} does not have {Workers} workers. {Errors}", MyOtherService.Name, workers, string.Join(" ", result.Errors));
        }
    }
}
