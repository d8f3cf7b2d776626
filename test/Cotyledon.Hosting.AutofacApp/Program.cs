using Autofac;
using Autofac.Extensions.DependencyInjection;
using Cotyledon.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A program whose container is Autofac. Its tests read the log.
var builder = Host.CreateApplicationBuilder(args);
builder.ConfigureContainer(new AutofacServiceProviderFactory(), container => container.RegisterType<Greeting>().SingleInstance());
builder.Services.AddHostedService<MasterOnly>();
builder.Services.AddHostedService<Everywhere>();
builder.Services.KeepHostedServiceInWorkers<Everywhere>();
builder.Services.AddCotyledonWorker<Greeter>(workers: 2);
await builder.Build().RunAsync();

internal sealed class Greeting
{
    public string Text { get; } = "a service of the container";
}

internal sealed class Greeter(IWorkerContext worker, Greeting greeting, ILogger<Greeter> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Lines.Runs(logger, worker.WorkerId, greeting.Text);
        await Task.Delay(Timeout.Infinite, stoppingToken);
    }
}

internal sealed class MasterOnly(ILogger<MasterOnly> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Lines.Hosted(logger, nameof(MasterOnly), CotyledonHost.IsWorker);
        return Task.CompletedTask;
    }
}

internal sealed class Everywhere(ILogger<Everywhere> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Lines.Hosted(logger, nameof(Everywhere), CotyledonHost.IsWorker);
        return Task.CompletedTask;
    }
}

internal static partial class Lines
{
    [LoggerMessage(1, LogLevel.Information, "Worker {WorkerId} runs with {Text}.")]
    public static partial void Runs(ILogger logger, int workerId, string text);

    [LoggerMessage(2, LogLevel.Information, "{Service} runs in a worker: {IsWorker}.")]
    public static partial void Hosted(ILogger logger, string service, bool isWorker);
}
