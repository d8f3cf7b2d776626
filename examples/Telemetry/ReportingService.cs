using Cotyledon.Hosting;
using Microsoft.Extensions.Options;
using Telemetry.Processes;

namespace Telemetry;

/// <summary>Reports the machine's busiest processes.</summary>
internal sealed class ReportingService(
    IProcessTable processes, IOptionsMonitor<TelemetryOptions> options, ILogger<ReportingService> logger)
    : CotyledonService, IDisposable
{
    private const int Places = 3;

    private readonly PeriodicTimer _timer = new(options.CurrentValue.ReportInterval);
    private int _reports;

    public override Task ReloadAsync(CancellationToken deadline)
    {
        _timer.Period = options.CurrentValue.ReportInterval;
        logger.LogInformation("Reporting every {Interval} from now on.", _timer.Period);
        return Task.CompletedTask;
    }

    public void Dispose() => _timer.Dispose();

    protected override async Task RunAsync(CancellationToken stopping)
    {
        var ranking = new ProcessRanking(processes);
        while (await _timer.WaitForNextTickAsync(stopping))
        {
            logger.LogInformation("Busiest processes: {Processes}", string.Join(", ", ranking.Busiest(Places)));
            _reports++;
        }
    }

    protected override Task TerminateAsync(CancellationToken deadline)
    {
        logger.LogInformation("Good-bye; reports written: {Reports}", _reports);
        return Task.CompletedTask;
    }
}
