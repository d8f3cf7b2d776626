using System.Diagnostics;
using System.Globalization;
using Cotyledon.Hosting.Serilog;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Benchmarks;

/// <summary>
/// Measures events per second from all workers into a file: one file through the master, or one file for each worker. Workers begin
/// together when the file <c>go</c> exists, and have finished when the last event of each has reached a sink.
/// </summary>
internal sealed class LogMeasurement(ICotyledonManager manager, IHostApplicationLifetime lifetime) : BackgroundService
{
    public const string GoFile = "go";

    /// <summary>The number of events that each worker writes, or null if the log is not measured.</summary>
    public static int? Events =>
        Environment.GetEnvironmentVariable("BENCH_LOG") is { } events ? int.Parse(events, CultureInfo.InvariantCulture) : null;

    /// <summary>Not the content root: each write there would notify the watcher of the settings file.</summary>
    private static string LogDirectory => Environment.GetEnvironmentVariable("BENCH_LOG_DIR") ?? Path.GetTempPath();

    private static CotyledonSerilogMode Mode =>
        Enum.Parse<CotyledonSerilogMode>(Environment.GetEnvironmentVariable("BENCH_LOG_MODE") ?? "Forward", ignoreCase: true);

    public static void AddLog(IServiceCollection services) => services.AddCotyledonSerilog(
        logger => logger
            .WriteTo.File(
                Path.Combine(LogDirectory, Mode == CotyledonSerilogMode.Forward ? "log.txt" : $"log-{Environment.ProcessId}.txt"),
                formatProvider: CultureInfo.InvariantCulture,
                buffered: Environment.GetEnvironmentVariable("BENCH_LOG_BUFFERED") is not null)
            .WriteTo.Sink(new DoneSink()),
        options =>
        {
            options.Mode = Mode;
            options.BufferSize = Events!.Value * 2;
            options.BufferBytes = 1024 * 1024 * 1024;
        });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var workers = 0;
        while (workers == 0 || manager.GetStatus().Any(s => s.Ready < s.Target))
        {
            await Task.Delay(50, stoppingToken);
            workers = manager.GetStatus().Sum(s => s.Target);
        }

        await Task.Delay(2000, stoppingToken);
        var begin = Stopwatch.GetTimestamp();
        await File.WriteAllTextAsync(GoFile, "", stoppingToken);
        while (Directory.GetFiles(".", "done-*").Length < workers)
        {
            await Task.Delay(5, stoppingToken);
        }

        var rate = workers * (double)Events!.Value / Stopwatch.GetElapsedTime(begin).TotalSeconds;
        Report.Send("log", rate.ToString("F0", CultureInfo.InvariantCulture));
        Console.WriteLine($"{rate:F0} events/s");
        lifetime.StopApplication();
    }

    /// <summary>Creates a file when the last event of a worker has arrived.</summary>
    private sealed class DoneSink : ILogEventSink
    {
        public void Emit(LogEvent logEvent)
        {
            if (logEvent.Level == LogEventLevel.Warning && logEvent.MessageTemplate.Text == LoggingService.DoneTemplate)
            {
                File.WriteAllText($"done-{logEvent.Properties["ProcessId"]}", "");
            }
        }
    }
}

/// <summary>A worker that logs many events.</summary>
internal sealed partial class LoggingService(ILogger<LoggingService> logger) : BackgroundService
{
    public const string DoneTemplate = "Done.";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Write(LogMeasurement.Events!.Value / 10);
        while (!File.Exists(LogMeasurement.GoFile))
        {
            await Task.Delay(1, stoppingToken);
        }

        var begin = Stopwatch.GetTimestamp();
        Write(LogMeasurement.Events!.Value);
        Console.WriteLine($"a worker finished after {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:F0} ms");
        LogDone(logger);
        await Task.Delay(Timeout.Infinite, stoppingToken);
    }

    private void Write(int count)
    {
        for (var i = 0; i < count; i++)
        {
            LogPolled(logger, "load.1", i, 1.25);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Polled {Meter} for the {Count}th time in {Elapsed} ms")]
    private static partial void LogPolled(Microsoft.Extensions.Logging.ILogger logger, string meter, int count, double elapsed);

    [LoggerMessage(2, LogLevel.Warning, DoneTemplate)]
    private static partial void LogDone(Microsoft.Extensions.Logging.ILogger logger);
}
