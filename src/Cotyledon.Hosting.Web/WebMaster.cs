using Cotyledon.Hosting.Shared;
using Cotyledon.Hosting.Web.Draining;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Web;

/// <summary>
/// The hosted service of the master: says what each worker has of its own. If the workers run inside this process, whose server then serves
/// all requests, it also drains the connections.
/// </summary>
internal sealed class WebMaster(
    IServiceCollection registrations,
    ICotyledonManager manager,
    GracefulDrain drain,
    IOptions<CotyledonWebOptions> options,
    ILoggerFactory loggers) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var workers = manager.GetStatus().FirstOrDefault(s => s.Name == CotyledonWeb.ServiceName)?.ConfiguredTarget ?? 0;
        if (workers > 1 && !manager.GetOverview().IsInProcess && PerProcessParts.In(registrations).ToList() is { Count: > 0 } parts)
        {
            Log.PerProcess(GuardedLogger.Create(loggers, "Cotyledon.Hosting.Web"), workers, string.Join(", ", parts));
        }

        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => manager.GetOverview().IsInProcess
        ? drain.DrainAsync(options.Value.DrainTimeout, cancellationToken)
        : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
