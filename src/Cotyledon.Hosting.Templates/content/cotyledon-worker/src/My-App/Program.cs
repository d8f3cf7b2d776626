using My_App;
using Cotyledon.Hosting;

// The master and each worker run this code. Put code for the master only inside if (!CotyledonHost.IsWorker) { ... }.
var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddOptions<WorkerOptions>().BindConfiguration(WorkerOptions.Section);
builder.Services.AddCotyledonWorker<Worker>(workers: 2);
await builder.Build().RunAsync();
