using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Telemetry.Samples;

namespace Telemetry;

/// <summary>Deletes data that is older than the retention.</summary>
internal sealed class JanitorService(SampleStore store, IOptionsMonitor<TelemetryOptions> options, ILogger<JanitorService> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.CurrentValue.CleanInterval);
        do
        {
            Clean();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Clean()
    {
        try
        {
            var (aggregates, ids) = store.DeleteOld();
            if (aggregates + ids > 0)
            {
                logger.LogInformation("Deleted {Aggregates} aggregates and {Ids} ids of samples", aggregates, ids);
            }
        }
        catch (SqliteException e)
        {
            logger.LogError("Nothing is deleted this time. {Error}", e.Message);
        }
    }
}
