using System.Globalization;
using Cotyledon.Hosting;
using Microsoft.Extensions.Options;
using Telemetry.Meters;
using Telemetry.Samples;

namespace Telemetry;

/// <summary>Reads the meters of this worker, and enqueues the samples.</summary>
internal sealed class PollingService(
    IWorkerContext worker,
    MeterSet meters,
    ICotyledonQueue<Sample> queue,
    IOptionsMonitor<TelemetryOptions> options,
    TimeProvider clock,
    ILogger<PollingService> logger)
    : BackgroundService, IReloadable
{
    private readonly PeriodicTimer _timer = new(options.CurrentValue.Interval);
    private bool _hasNewShare = true;
    private long _enqueued;

    /// <summary>Applies the new interval at once.</summary>
    public Task ReloadAsync(CancellationToken cancellationToken)
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
            await EnqueueAsync(Poll(), stoppingToken);
        }
        while (await _timer.WaitForNextTickAsync(stoppingToken));
    }

    private List<Sample> Poll()
    {
        var isNewShare = Interlocked.Exchange(ref _hasNewShare, false);
        var share = meters.ShareOf(worker.WorkerId, worker.WorkerCount);
        if (isNewShare)
        {
            logger.LogInformation(
                "One of {WorkerCount}, polls {Meters}", worker.WorkerCount, string.Join(", ", share.Select(m => m.Name)));
        }

        var now = clock.GetUtcNow();
        var samples = new List<Sample>();
        foreach (var meter in share)
        {
            if (meter.Read() is { } value)
            {
                samples.Add(new Sample(Guid.CreateVersion7(now), meter.Name, meter.Unit, value, now));
            }
        }

        return samples;
    }

    private async Task EnqueueAsync(List<Sample> samples, CancellationToken ct)
    {
        try
        {
            await queue.EnqueueRangeAsync(samples, ct);
        }
        catch (QueueException e)
        {
            logger.LogError("{Count} samples may be lost. {Error}", samples.Count, e.Message);
            return;
        }

        _enqueued += samples.Count;
        logger.LogInformation("{Samples}; samples so far: {Enqueued}", string.Join(", ", samples.Select(Text)), _enqueued);
        logger.LogDebug("Enqueued {Ids}", string.Join(' ', samples.Select(s => s.Id)));
    }

    private static string Text(Sample sample) =>
        string.Create(CultureInfo.InvariantCulture, $"{sample.Meter} {sample.Value:0.0} {sample.Unit}");
}
