using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>The hosted service of a worker process: sends the hello, and runs the service that the master assigns.</summary>
/// <remarks>The lifeline calls the <c>On</c> methods on its own thread, or on a signal's. They must neither block nor throw.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class WorkerService : IHostedService
{
    /// <summary>The master sends it before this process has begun to run, unless it is stopped or of another version.</summary>
    private static readonly TimeSpan ConfigurationTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(1);

    private readonly Lifeline _lifeline;
    private readonly IServiceProvider _services;
    private readonly IReadOnlyList<WorkerRegistration> _registrations;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _logger;
    private readonly WorkerConfiguration _configuration;
    private readonly Lock _title = new();
    private volatile WorkerRun? _run;

    /// <remarks>
    /// Made before the host validates options that are to be validated at its start: these come from the accepted configuration.
    /// </remarks>
    public WorkerService(
        IServiceProvider services,
        IReadOnlyList<WorkerRegistration> registrations,
        IHostApplicationLifetime lifetime,
        Lifeline lifeline,
        ILogger logger)
    {
        (_services, _registrations, _lifetime, _lifeline, _logger) = (services, registrations, lifetime, lifeline, logger);
        _configuration = new WorkerConfiguration(
            services.GetService<IConfiguration>(), lifeline.Configuration.Updates, services.GetService<IHostEnvironment>(), logger);
        if (!lifeline.Configuration.WaitForFirst(ConfigurationTimeout))
        {
            Log.NoConfiguration(logger, ConfigurationTimeout);
        }

        _configuration.Apply();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_services.GetService<IHostLifetime>() is ConsoleLifetime console)
        {
            // UseConsoleLifetime or RunConsoleAsync after us. Ctrl+C reaches the whole terminal; what it means is the master's to decide.
            console.Dispose();
        }

        _lifeline.SayHello(this);
        SetTitle();
        return Task.CompletedTask;
    }

    public void OnAssigned(Frame.Assign assignment)
    {
        var run = _run = new WorkerRun(_services, assignment, _lifeline, _logger, _configuration.Apply);
        run.Start(_registrations);
        SetTitle();
    }

    /// <summary>No worker id was assigned for a while. Called once.</summary>
    public void OnWaiting() => _ = Task.Run(() => WarmUp.PlayAsync(_services, _logger));

    public void OnUpdate(Frame.Update update) => _run?.Update(update);

    /// <summary>
    /// The master has sent a configuration. It is applied on the thread pool, because callbacks of the program run then. Without a worker id
    /// the start of the service applies it.
    /// </summary>
    public void OnConfiguration()
    {
        if (_run is not null)
        {
            _ = Task.Run(_configuration.Apply);
        }
    }

    public void OnReload() => _run?.Reload();

    /// <summary>The worker stops. Called once; the lifeline ends the process at the graceful timeout.</summary>
    /// <remarks>
    /// The callbacks of the stopping tokens are user code, so they get a thread of their own; not one of the pool, which user
    /// code may have blocked in loops that only wait for these tokens.
    /// </remarks>
    public void OnStop(StopCause cause) => Threads.Run(
        "cotyledon stop",
        () =>
        {
            if (cause == StopCause.MasterGone && _run is { Context: var worker })
            {
                // Before the stop begins, at the end of which the log is closed; but not by this thread, because the log may hang.
                var isLogged = new ManualResetEventSlim();
                Threads.Run("cotyledon log", () =>
                {
                    Log.MasterGone(_logger, worker.ServiceName, worker.WorkerId, Environment.ProcessId);
                    isLogged.Set();
                });
                isLogged.Wait(LogTimeout);
            }

            _lifetime.StopApplication();
        });

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
