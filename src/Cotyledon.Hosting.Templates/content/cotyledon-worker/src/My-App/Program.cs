using My_App;
using Cotyledon.Hosting;

// The master and its workers run this file. Put code that only the master may run into if (!CotyledonHost.IsWorker) { }.
var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddOptions<WorkerOptions>()
    .BindConfiguration(WorkerOptions.Section)
    .Validate(o => o.Interval > TimeSpan.Zero && o.Interval <= TimeSpan.FromDays(1), "Worker:Interval must be more than 0, and a day at most.")
    .ValidateOnStart(); // Without it, the master accepts a file with an invalid value, and the workers crash.
builder.Services.AddCotyledonWorker<Worker>(workers: 2);
await builder.Build().RunAsync();
