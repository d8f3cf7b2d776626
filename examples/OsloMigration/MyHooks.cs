using Cotyledon.Hosting;
using Microsoft.Extensions.Options;

namespace OsloMigration;

/// <summary>What the program does at the turning points of the master's and the workers' lives.</summary>
internal sealed class MyHooks(ICotyledonManager manager, IOptionsMonitor<MyOptions> options, ILogger<MyHooks> logger)
    : ICotyledonHooks
{
    /// <summary>In the master, when the configuration has been read again and is good; the workers reload afterwards.</summary>
    public async Task OnReloadAsync(CancellationToken deadline)
    {
        var workers = options.CurrentValue.OtherWorkers;
        logger.LogInformation("Master reloads; {Service} is to have {Workers} workers.", MyOtherService.Name, workers);
        await manager.ReconfigureAsync(MyOtherService.Name, workers, deadline);
        logger.LogInformation("Master has reloaded; {Service} has {Workers} workers.", MyOtherService.Name, workers);
    }

    /// <summary>In the master, before the workers are asked to leave.</summary>
    public Task OnTerminateAsync(CancellationToken deadline)
    {
        logger.LogInformation("Master terminates.");
        return Task.CompletedTask;
    }

    /// <summary>In the worker, when it is ready.</summary>
    public Task OnNewWorkerAsync(IWorkerContext worker, IHostedService service, CancellationToken ct)
    {
        logger.LogInformation("New: {Service}({WorkerId}).", worker.ServiceName, worker.WorkerId);
        return Task.CompletedTask;
    }

    /// <summary>In the master, after each exit.</summary>
    public Task OnDeadWorkerAsync(WorkerExit exit, CancellationToken ct)
    {
        logger.LogInformation("Dead: {Service}({WorkerId}), {Reason}.", exit.Service, exit.WorkerId, exit.Reason);
        return Task.CompletedTask;
    }
}
