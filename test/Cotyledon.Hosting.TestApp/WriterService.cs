using System.Diagnostics;

namespace Cotyledon.Hosting.TestApp;

/// <summary>Writes <c>Lines</c> numbered lines to the log, plays its script, and then writes 100 lines every <c>Tick</c> ms.</summary>
internal sealed partial class WriterService(
    ILoggerFactory loggers, IWorkerContext worker, Script script, IConfiguration configuration) : BackgroundService
{
    private const int Part = 100;

    private readonly ILogger _logger = loggers.CreateLogger<WriterService>();
    private readonly ILogger _quiet = loggers.CreateLogger("Quiet.Category");

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Write("Last", configuration.GetValue("LastLines", 0));
        Trace.Write("last", worker);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Write("Line", configuration.GetValue("Lines", 0));
        if (configuration.GetValue("Detail", false))
        {
            WriteDetails();
        }

        Trace.Write("wrote", worker);
        await script.PlayAsync("Run", worker, ct: stoppingToken);
        for (var count = 0; configuration["Tick"] is not null && !stoppingToken.IsCancellationRequested; count += Part)
        {
            Write("Tick", Part);
            LogDebug(_logger, count);
            LogQuiet(_quiet, count);
            Trace.Write("tick", worker, $"{count + Part}");
            await Task.Delay(configuration.GetValue("Tick", 10), CancellationToken.None);
        }

        await Task.Delay(Timeout.Infinite, stoppingToken);
    }

    private void Write(string what, int count)
    {
        for (var i = 0; i < count; i++)
        {
            LogLine(_logger, what, i);
        }
    }

    private void WriteDetails()
    {
        using var activity = new Activity("detail").Start();
        Trace.Write("detail", worker, $"{activity.TraceId}");
        try
        {
            throw new InvalidDataException("outer", new FormatException("inner"));
        }
        catch (InvalidDataException e)
        {
            LogDetail(_logger, e, 1.5m, DayOfWeek.Friday, [1, 2, 3]);
        }

        global::Serilog.Log.ForContext<WriterService>().Warning("Static {Word} {Id}", "one", Guid.Empty);
    }

    [LoggerMessage(1, LogLevel.Information, "{What} {Number}")]
    private static partial void LogLine(ILogger logger, string what, int number);

    [LoggerMessage(2, LogLevel.Debug, "Debug {Number}")]
    private static partial void LogDebug(ILogger logger, int number);

    [LoggerMessage(3, LogLevel.Warning, "Quiet {Number}")]
    private static partial void LogQuiet(ILogger logger, int number);

    [LoggerMessage(4, LogLevel.Error, "Detail {Price} {Day} {Numbers}")]
    private static partial void LogDetail(ILogger logger, Exception exception, decimal price, DayOfWeek day, int[] numbers);
}
