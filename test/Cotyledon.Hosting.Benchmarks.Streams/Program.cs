using System.Globalization;
using Cotyledon.Hosting.Benchmarks;

// Measures the traffic between master and workers: the queue, if BENCH_QUEUE is a number of items, or the log, if BENCH_LOG is a
// number of events. A separate program, because this code would add to the memory and the start time of the measured workers.
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
    // Bytes are not serialized: the type information is not used.
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
