using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Web.Draining;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Web.Serving;

/// <summary>
/// The service of the workers: runs the web host of the program. Inside the process of the master it does nothing, because the master's own web
/// host serves all requests there.
/// </summary>
internal sealed class WebWorker(IServiceCollection registrations, IServiceProvider services, IWorkerContext context) : IHostedLifecycleService
{
    /// <summary>How long no connection may be open before a single worker stops without waiting for another one.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private readonly MasterLink? _master = CotyledonHost.IsWorker ? services.GetRequiredService<MasterLink>() : null;
    private readonly GracefulDrain _drain = services.GetRequiredService<GracefulDrain>();
    private readonly TimeSpan _drainTimeout = services.GetRequiredService<IOptions<CotyledonWebOptions>>().Value.DrainTimeout;
    private IHostedService? _host;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_master is null)
        {
            return;
        }

        services.GetRequiredService<RequestLimit>().Reached = context.RequestRestart;
        _master.CountRequests = () => _drain.Received;
        WorkerSetup.ForgetListenDescriptors();
        _host = WebHost.Create(registrations, services);
        await _host.StartAsync(cancellationToken).ConfigureAwait(false);
        _ = ServeWhenReadyAsync(_master);
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lets the clients leave. Connections that the master has passed already are served.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_master is null)
        {
            return;
        }

        await _master.LeaveAsync(isFinal: false).ConfigureAwait(false);
        var clock = services.GetRequiredService<TimeProvider>();
        long? idleSince = null;
        await _drain.DrainAsync(_drainTimeout, cancellationToken, () =>
        {
            if (_master.Open > 0 || _drain.Requests > 0)
            {
                idleSince = null;
                return false;
            }

            idleSince ??= clock.GetTimestamp();
            return _master.Ended.IsCompleted || clock.GetElapsedTime(idleSince.Value) >= Quiet;
        }).ConfigureAwait(false);

        if (!_master.Ended.IsCompleted)
        {
            // No other worker serves. From here on, connections wait for the next process.
            await _master.LeaveAsync(isFinal: true).ConfigureAwait(false);
            await _master.Ended.WaitAsync(Quiet, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _drain.DrainAsync(Quiet, cancellationToken, () => _master.Open == 0 && _drain.Requests == 0).ConfigureAwait(false);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _host?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Asks for connections when the worker is ready: after the hooks for new workers, which may warm it up.</summary>
    private async Task ServeWhenReadyAsync(MasterLink master)
    {
        await WorkerProcess.Ready.ConfigureAwait(false);
        await master.ServeAsync(context.WorkerId).ConfigureAwait(false);
    }
}
