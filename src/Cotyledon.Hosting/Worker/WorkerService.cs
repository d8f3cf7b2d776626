using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Worker;

/// <summary>The hosted service of a worker process: sends the hello, and runs the service that the master assigns.</summary>
/// <remarks>
/// The lifeline calls the <c>On</c> methods on its own thread, or <see cref="OnStop"/> on the thread that stops the worker. They must
/// neither block nor throw.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its process.")]
internal sealed class WorkerService : IHostedService
{
    /// <summary>
    /// The longest wait for the configuration. The master sends it right after the start of the process, unless the master is paused or has
    /// another version.
    /// </summary>
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
    private volatile bool _hasSaidHello;

    /// <remarks>
    /// The host creates this service before it validates options, so that options with <c>ValidateOnStart</c> are read from the accepted
    /// configuration.
    /// </remarks>
    public WorkerService(
        IServiceProvider services,
        IReadOnlyList<WorkerRegistration> registrations,
        IHostApplicationLifetime lifetime,
        Lifeline lifeline,
        ILogger logger)
    {
        (_services, _registrations, _lifetime, _lifeline, _logger) = (services, registrations, lifetime, lifeline, logger);
        services.GetService<ProviderSearchers>()?.Create(services);
        _configuration = new WorkerConfiguration(services.GetService<IConfiguration>(), lifeline.Configuration.Updates, logger);
        if (!lifeline.Configuration.WaitForFirst(ConfigurationTimeout))
        {
            Log.NoConfiguration(logger, ConfigurationTimeout);
        }

        _configuration.Take(isApplied: true);
        HostVariables.Restore();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_services.GetService<IHostLifetime>() is ConsoleLifetime console)
        {
            // The program has called UseConsoleLifetime or RunConsoleAsync later. Signals of a worker are handled by WorkerSignals.
            console.Dispose();
        }

        _hasSaidHello = _lifeline.SayHello(this);
        if (!_hasSaidHello)
        {
            // Program.cs starts another host after the one that has stopped. The master waits for the exit of this process, and so would
            // never stop that host.
            Environment.Exit(Environment.ExitCode);
        }

        SetTitle();
        return Task.CompletedTask;
    }

    public void OnAssigned(Frame.Assign assignment)
    {
        var run = _run = new WorkerRun(_services, assignment, _lifeline, _logger, _configuration.Take);
        CurrentWorker.HeartbeatOfProcess = run.Context.Heartbeat;
        CurrentWorker.ReadyOfProcess = run.Ready;
        run.Start(_registrations);
        SetTitle();
    }

    /// <summary>
    /// Prepares for an assignment. Called once, if no worker id was assigned within <see cref="WarmUp.Delay"/> after the hello.
    /// </summary>
    public void OnWaiting() => _ = Task.Run(() => WarmUp.PlayAsync(_services, _logger));

    public void OnUpdate(Frame.Update update) => _run?.Update(update);

    /// <summary>Takes a configuration that the master has sent. Without a worker id, the start of the service takes it later.</summary>
    public void OnConfiguration() => _run?.TakeConfiguration();

    public void OnReload() => _run?.Reload();

    /// <summary>Stops the host. Called once. The lifeline ends the process at the graceful timeout.</summary>
    /// <remarks>
    /// The callbacks of the stopping tokens are code of the program, so they run on their own thread. A thread of the pool could be
    /// unavailable, because code of the program may block all of them until these tokens are cancelled.
    /// </remarks>
    public void OnStop(StopCause cause) => Threads.Run(
        "cotyledon stop",
        () =>
        {
            if (cause == StopCause.MasterGone && _run is { Context: var worker })
            {
                // Logged before the stop begins, because the stop closes the log. On another thread, because the log may hang.
                var isLogged = new ManualResetEventSlim(initialState: false, spinCount: 0);
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
        if (!_hasSaidHello)
        {
            // The start of the host has failed. The program goes on, for example to its finally blocks, and chooses the exit code.
            return Task.CompletedTask;
        }

        _lifeline.Leave(StopCause.HostStopped);
        return _run?.StopAsync() ?? Task.CompletedTask;
    }

    /// <summary>
    /// Shows the worker in the process title. Called after the hello and after the start of the service, so that it does not delay them.
    /// The lock makes the last call show the latest state.
    /// </summary>
    private void SetTitle()
    {
        lock (_title)
        {
            ProcessTitle.Set(
                _run is { Context: var context } ? $"{context.ServiceName} worker({context.WorkerId})" : "spare worker");
        }
    }
}
