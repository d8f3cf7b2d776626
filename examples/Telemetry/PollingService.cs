using Cotyledon.Hosting;
using Microsoft.Extensions.Options;
using Telemetry.Meters;

namespace Telemetry;

/// <summary>Samples this worker's share of the meters.</summary>
internal sealed class PollingService(
    IWorkerContext worker, MeterSet meters, IOptionsMonitor<TelemetryOptions> options, ILogger<PollingService> logger)
    : BackgroundService, IReloadable
{
    private readonly PeriodicTimer _timer = new(options.CurrentValue.Interval);
    private bool _hasNewShare = true;

    /// <summary>Takes the new interval at once, and goes on.</summary>
    public Task ReloadAsync(CancellationToken deadline)
    {
        var interval = options.CurrentValue.Interval;
        if (_timer.Period != interval)
        {
            _timer.Period = interval;
            logger.LogInformation("Polls every {Interval} from now on", interval);
        }

        return Task.CompletedTask;
    }

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        worker.WorkerCountChanged += _ => _hasNewShare = true;
        do
        {
            Poll();
        }
        while (await _timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Poll()
    {
        var isNewShare = Interlocked.Exchange(ref _hasNewShare, false);
        var share = meters.ShareOf(worker.WorkerId, worker.WorkerCount);
        if (isNewShare)
        {
            logger.LogInformation(
                "One of {WorkerCount}, polls {Meters}", worker.WorkerCount, string.Join(", ", share.Select(m => m.Name)));
        }

        foreach (var meter in share)
        {
            if (meter.Read() is { } value)
            {
                logger.LogInformation("{Meter} {Value:0.0} {Unit}", meter.Name, value, meter.Unit);
            }
        }
    }
}
