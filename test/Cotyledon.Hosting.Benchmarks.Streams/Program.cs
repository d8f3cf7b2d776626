using System.Globalization;
using Cotyledon.Hosting.Benchmarks;

// What goes between master and workers: the queue, where BENCH_QUEUE says how many items; or the log, where BENCH_LOG says how many
// events. A program of its own, as their code would count as memory and start of the other one's workers.
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var workers = int.Parse(Environment.GetEnvironmentVariable("WORKERS") ?? "4", CultureInfo.InvariantCulture);
if (LogMeasurement.Events is not null)
{
    LogMeasurement.AddLog(builder.Services);
    builder.Services.AddCotyledonWorker<LoggingService>(workers);
    builder.Services.AddHostedService<LogMeasurement>();
}
else if (QueueMeasurement.Items is not null)
{
    // Bytes as they are: the type information is not looked at.
    builder.Services.AddCotyledonQueue("bench", BytesContext.Default.ReadOnlyMemoryByte);
    builder.Services.AddCotyledonWorker<QueueConsumer>(workers);
    builder.Services.AddHostedService<QueueMeasurement>();
}
else
{
    Console.Error.WriteLine("Set BENCH_QUEUE to a number of items, or BENCH_LOG to a number of events.");
    return 1;
}

await builder.Build().RunAsync();
return 0;
