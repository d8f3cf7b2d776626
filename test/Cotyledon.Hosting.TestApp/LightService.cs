using Microsoft.Extensions.Primitives;

namespace Cotyledon.Hosting.TestApp;

/// <summary>A background service that uses nothing of this package but its context.</summary>
internal sealed class LightService(IWorkerContext worker, Script script, IConfiguration configuration) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        SlotLock.Take(worker, configuration);
        Trace.Write("start", worker, Sources.Seen(configuration));
        ChangeToken.OnChange(configuration.GetReloadToken, () => Trace.Write("changed", worker, Sources.Seen(configuration)));
        await script.PlayAsync("Start", worker, ct: cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        Trace.Write("stop", worker, Sources.Seen(configuration));
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Trace.Write("run", worker);
        await script.PlayAsync("Run", worker, ct: stoppingToken).ConfigureAwait(false);
        await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(false);
    }
}
