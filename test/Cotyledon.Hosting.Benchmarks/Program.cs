using System.Globalization;
using Cotyledon.Hosting;
using Cotyledon.Hosting.Benchmarks;

// The program under measurement: as many workers as WORKERS says, each of which reports to the socket BENCH_SOCK.
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var workers = int.Parse(Environment.GetEnvironmentVariable("WORKERS") ?? "4", CultureInfo.InvariantCulture);
if (LogMeasurement.Events is not null)
{
    LogMeasurement.AddLog(builder.Services);
    builder.Services.AddCotyledonWorker<LoggingService>(workers);
    builder.Services.AddHostedService<LogMeasurement>();
}
else if (QueueMeasurement.Items is null)
{
    builder.Services.AddCotyledonWorker<ReportingService>(workers, "bench");
}
else
{
    // Bytes as they are: the type information is not looked at.
    builder.Services.AddCotyledonQueue("bench", BytesContext.Default.ReadOnlyMemoryByte);
    builder.Services.AddCotyledonWorker<QueueConsumer>(workers);
    builder.Services.AddHostedService<QueueMeasurement>();
}

if (ControlService.Address is not null && !CotyledonHost.IsWorker)
{
    builder.Services.AddHostedService<ControlService>();
}

await builder.Build().RunAsync();
