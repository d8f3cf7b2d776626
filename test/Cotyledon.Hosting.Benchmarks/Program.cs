using System.Globalization;
using Cotyledon.Hosting;
using Cotyledon.Hosting.Benchmarks;

// The measured program: WORKERS is the number of workers, each of which reports to the socket BENCH_SOCK.
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var workers = int.Parse(Environment.GetEnvironmentVariable("WORKERS") ?? "4", CultureInfo.InvariantCulture);
builder.Services.AddCotyledonWorker<ReportingService>(workers, "bench");
if (ControlService.Address is not null && !CotyledonHost.IsWorker)
{
    builder.Services.AddHostedService<ControlService>();
}

await builder.Build().RunAsync();
