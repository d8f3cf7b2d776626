using My_App;
using Cotyledon.Hosting;

// The master and its workers run this file. Put code that only the master may run into if (!CotyledonHost.IsWorker) { }.
var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddOptions<WorkerOptions>().BindConfiguration(WorkerOptions.Section);
builder.Services.AddCotyledonWorker<Worker>(workers: 2);
await builder.Build().RunAsync();
