using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Processes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>The hosted service of a worker process: says hello, and runs the service that the master assigns.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class WorkerService(
    IServiceProvider services,
    IReadOnlyList<WorkerRegistration> registrations,
    IHostApplicationLifetime lifetime,
    ILogger logger) : IHostedService, IMasterListener
{
    private readonly Lifeline _lifeline = Lifeline.Current!;
    private readonly Lock _title = new();
    private volatile WorkerRun? _run;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _lifeline.SayHello(this);
        SetTitle();
        return Task.CompletedTask;
    }

    public void OnAssigned(Frame.Assign assignment)
    {
        var run = _run = new WorkerRun(services, assignment, _lifeline, logger);
        run.Start(registrations);
        SetTitle();
    }

    public void OnWaiting() => _ = Task.Run(() => Rehearsal.PlayAsync(services, logger));

    public void OnUpdate(Frame.Update update) => _run?.Update(update);

    public void OnReload() => _run?.Reload();

    /// <remarks>
    /// The callbacks of the stopping tokens are user code, so they get a thread of their own; not one of the pool, which user
    /// code may have blocked in loops that only wait for these tokens.
    /// </remarks>
    public void OnStop(StopCause cause) =>
        new Thread(lifetime.StopApplication) { IsBackground = true, Name = "cotyledon stop" }.Start();

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _lifeline.Leave(StopCause.HostStopped);
        return _run?.StopAsync() ?? Task.CompletedTask;
    }

    /// <summary>When nobody waits for it any more; whoever comes later shows what has become of the worker by then.</summary>
    private void SetTitle()
    {
        lock (_title)
        {
            ProcessTitle.Set(
                _run is { Context: var context } ? $"{context.ServiceName} worker({context.WorkerId})" : "blank worker");
        }
    }
}
