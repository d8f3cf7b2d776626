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
    // "dotnet run" starts the program in the project directory; the executable can be started in any directory.
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

// A program with users would require one of their roles here, and call RequireAuthorization on the result of MapCotyledon.
var isDevelopment = builder.Environment.IsDevelopment();
builder.Services.AddAuthorizationBuilder().AddPolicy("operators", policy => policy.RequireAssertion(_ => isDevelopment));

var app = builder.Build();
app.MapHealth();
app.MapCotyledon("/cotyledon", options => options.ActionsPolicy = "operators");
await app.RunAsync();
