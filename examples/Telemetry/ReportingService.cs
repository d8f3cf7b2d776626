using System.Diagnostics;
using Cotyledon.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Telemetry.Processes;
using Telemetry.Samples;

namespace Telemetry;

/// <summary>Logs the numbers of the queue and the database, and the busiest processes of the machine.</summary>
internal sealed class ReportingService(
    ICotyledonQueue<Sample> queue,
    SampleStore store,
    IProcessTable processes,
    IOptionsMonitor<TelemetryOptions> options,
    ILogger<ReportingService> logger)
    : CotyledonService, IDisposable
{
    private const int Places = 3;

    private readonly PeriodicTimer _timer = new(options.CurrentValue.ReportInterval);
    private QueueStatistics? _last;
    private long _lastAt;
    private int _reports;

    public override Task ReloadAsync(CancellationToken cancellationToken)
    {
        _timer.Period = options.CurrentValue.ReportInterval;
        logger.LogInformation("Reporting every {Interval} from now on.", _timer.Period);
        return Task.CompletedTask;
    }

    public void Dispose() => _timer.Dispose();

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var ranking = new ProcessRanking(processes);
        while (await _timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                ReportQueue(await queue.GetStatisticsAsync(cancellationToken));
                ReportDatabase(store.Count());
            }
            catch (Exception e) when (e is QueueException or SqliteException)
            {
                logger.LogError("The report is incomplete. {Error}", e.Message);
            }

            logger.LogInformation("Busiest processes: {Processes}", string.Join(", ", ranking.Busiest(Places)));
            _reports++;
        }
    }

    protected override Task TerminateAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("Good-bye; reports written: {Reports}", _reports);
        return Task.CompletedTask;
    }

    private void ReportQueue(QueueStatistics now)
    {
        var rate = _last is { } last ? (now.Completed - last.Completed) / Stopwatch.GetElapsedTime(_lastAt).TotalSeconds : 0;
        (_last, _lastAt) = (now, Stopwatch.GetTimestamp());
        logger.LogInformation(
            "Queue: {Waiting} waiting, {Taken} taken, {Rate:0.0} completed a second, {Redelivered} redelivered, {Dead} dead",
            now.Waiting,
            now.Taken,
            rate,
            now.Redelivered,
            now.Dead);
    }

    private void ReportDatabase(SampleCounts counts) =>
        logger.LogInformation("Database: {Samples} samples in {Aggregates} aggregates", counts.Samples, counts.Aggregates);
}
