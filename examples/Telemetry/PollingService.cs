using Cotyledon.Hosting;
using Microsoft.Extensions.Options;
using Telemetry.Meters;

namespace Telemetry;

/// <summary>Samples this worker's share of the meters.</summary>
internal sealed class PollingService(
    IWorkerContext worker, MeterSet meters, IOptionsMonitor<TelemetryOptions> options, ILogger<PollingService> logger)
    : BackgroundService, IReloadable
{
    private bool _hasNewShare = true;

    /// <remarks>Nothing to do: each round reads the options anew.</remarks>
    public Task ReloadAsync(CancellationToken deadline) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        worker.WorkerCountChanged += _ => _hasNewShare = true;
        using var timer = new PeriodicTimer(options.CurrentValue.Interval);
        do
        {
            Poll();
            SetPeriod(timer, options.CurrentValue.Interval);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
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

    private static void SetPeriod(PeriodicTimer timer, TimeSpan period)
    {
        // Even the same value would begin the period anew, and each round would be late by the time that it takes.
        if (timer.Period != period)
        {
            timer.Period = period;
        }
    }
}
