using Cotyledon.Hosting;
using Microsoft.Extensions.Options;

namespace OsloMigration;

/// <summary>Runs periodically. After an exception the worker exits and is restarted.</summary>
internal sealed class MyPeriodicTask(IOptionsMonitor<MyOptions> options, ILogger<MyPeriodicTask> logger)
    : BackgroundService, IReloadable
{
    private readonly PeriodicTimer _timer = new(options.CurrentValue.Period);

    /// <summary>Applies the new period at once.</summary>
    public Task ReloadAsync(CancellationToken cancellationToken)
    {
        _timer.Period = options.CurrentValue.Period;
        logger.LogInformation("Runs every {Period} now.", _timer.Period);
        return Task.CompletedTask;
    }

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var run = 1; await _timer.WaitForNextTickAsync(stoppingToken); run++)
        {
            logger.LogInformation("Run {Run}.", run);
        }
    }
}
