using My_App;
using Cotyledon.Hosting;

// Both the master and its workers run this. What only the master may do stands behind if (!CotyledonHost.IsWorker).
var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddOptions<WorkerOptions>().BindConfiguration(WorkerOptions.Section);
builder.Services.AddCotyledonWorker<Worker>(workers: 2);
await builder.Build().RunAsync();
