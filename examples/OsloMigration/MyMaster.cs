namespace OsloMigration;

/// <summary>
/// The first and last steps of the master. Hosted services run in the master only. They start in the order in which they were
/// registered, and stop in the reverse order.
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
