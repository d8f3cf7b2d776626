using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using Telemetry;
using Telemetry.Health;
using Telemetry.Logging;
using Telemetry.Meters;
using Telemetry.Processes;
using Telemetry.Samples;

var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
{
    Args = args,
    // "dotnet run" starts the program in the directory of the project. The executable can be started in any directory.
    ContentRootPath = File.Exists("appsettings.json") ? null : AppContext.BaseDirectory,
});
builder.Services.AddCotyledonQueue("samples", SampleJson.Default.Sample);
builder.Services.AddCotyledonWorker<PollingService>(workers: 2, name: "polling");
builder.Services.AddCotyledonWorker<ProcessingService>(workers: 2, name: "processing");
builder.Services.AddCotyledonWorker<ReportingService>(name: "reporting");
builder.Services.AddCotyledonWorker<JanitorService>(name: "janitor");
builder.Services.AddCotyledonHooks<WorkerHooks>();

builder.Services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.SectionName).ValidateOnStart();
builder.Services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
builder.Services.AddSingleton<SampleStore>();
builder.Services.AddSingleton(_ => MeterSet.OfThisMachine());
builder.Services.AddSingleton(_ => ProcessTable.OfThisMachine());
builder.Services.AddConsoleLog();
builder.Services.AddHealthChecks().AddCotyledon();

var app = builder.Build();
app.MapHealth();
await app.RunAsync();
