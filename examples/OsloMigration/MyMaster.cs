namespace OsloMigration;

/// <summary>
/// Runs code before the first worker starts and after the last one has exited. Hosted services run in the master only. They start in the
/// order of their registration, and stop in the reverse order.
/// </summary>
internal sealed class MyMaster(ILogger<MyMaster> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("Master {ProcessId} starts.", Environment.ProcessId);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("Master {ProcessId} stops.", Environment.ProcessId);
        return Task.CompletedTask;
    }
}
