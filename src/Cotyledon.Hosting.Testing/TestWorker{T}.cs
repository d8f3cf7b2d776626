using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.InProcess;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Testing;

/// <summary>
/// One service, run as worker k of n inside a test: made, started, reloaded and stopped by the code that does so in a worker process,
/// with the test in the place of the master.
/// </summary>
/// <typeparam name="T">The service.</typeparam>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class TestWorker<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T> : IAsyncDisposable
    where T : class, IHostedService
{
    private readonly IHost _host;
    private readonly TestWorkerOptions _options;
    private readonly WorkerMessages _messages = new();
    private readonly InProcessWorker _worker;
    private readonly string _name;
    private WorkerRun? _run;

    internal TestWorker(IHost host, TestWorkerOptions options, string name)
    {
        (_host, _options, _name) = (host, options, name);
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Cotyledon.Hosting");
        _worker = new InProcessWorker(
            0,
            (assignment, link) => _run = new WorkerRun(host.Services, assignment, link, logger),
            _messages.Hear,
            TimeProvider.System,
            logger);
    }

    /// <summary>The context that the service has.</summary>
    /// <value>The same object that is injected.</value>
    public IWorkerContext Context => _run!.Context;

    /// <summary>The service.</summary>
    /// <exception cref="InvalidOperationException">Its constructor has not returned.</exception>
    public T Service => (T)(_run!.Service ?? throw new InvalidOperationException(
        $"{ServiceName.Of(typeof(T))} is not there: its constructor has not returned, or has thrown."));

    /// <summary>The container that the service's scope belongs to.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Whether the worker has become ready.</summary>
    public bool IsReady => _messages.Ready.IsCompletedSuccessfully;

    /// <summary>Whether its run has ended, and it waits to be told to leave.</summary>
    public bool IsIdle => _messages.IsIdle;

    /// <summary>How often it called <see cref="IWorkerContext.RequestRestart"/>.</summary>
    public int RestartRequests => _messages.RestartRequests;

    /// <summary>The exit code of its first call of <see cref="IWorkerContext.RequestShutdown"/>.</summary>
    /// <value><see langword="null"/> before that.</value>
    public int? ShutdownRequest => _messages.ShutdownRequest;

    /// <summary>Ends when the worker has left, however it left. Never fails.</summary>
    public Task<TestWorkerExit> Completion => _messages.Exit;

    /// <summary>Waits until the worker is ready.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">It left before it was ready; the message says why.</exception>
    /// <exception cref="TimeoutException">It was not ready within <see cref="TestWorkerOptions.ReadyTimeout"/>.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken = default)
    {
        var timeout = _options.ReadyTimeout > TimeSpan.Zero ? _options.ReadyTimeout : Timeout.InfiniteTimeSpan;
        await Task.WhenAny(_messages.Ready, Completion).WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
        if (!IsReady)
        {
            var exit = await Completion.ConfigureAwait(false);
            throw new InvalidOperationException(
                $"Worker '{_name}' #{_options.WorkerId} left before it was ready: {exit.Reason}, exit code {exit.ExitCode}. "
                + exit.Message);
        }
    }

    /// <summary>Has the worker read <see cref="TestWorkerOptions.Settings"/> again and the service reload: what SIGHUP does.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What became of it.</returns>
    public Task<TestReloadOutcome> ReloadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            (Services.GetService<IConfiguration>() as IConfigurationRoot)?.Reload();
        }
        catch (Exception)
        {
            // What validators throw comes out of the change callbacks of the options.
            return Task.FromResult(TestReloadOutcome.Failed);
        }

        var outcome = _messages.NextReload();
        _worker.Reload();
        return outcome.WaitAsync(cancellationToken);
    }

    /// <summary>Tells the worker that there are so many workers now. It hears of it on a thread of the pool.</summary>
    /// <param name="workerCount">The new number.</param>
    public void SetWorkerCount(int workerCount) =>
        _worker.Update(new Frame.Update(workerCount, _options.GracefulShutdownTimeout, TimeSpan.Zero));

    /// <summary>Asks the worker to leave, and waits until it has.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How it left. One that has left before is not asked again.</returns>
    public Task<TestWorkerExit> StopAsync(CancellationToken cancellationToken = default)
    {
        _worker.Leave(StopCause.Told);
        return Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Stops the worker, if it has not left, and disposes the container.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _host.Dispose();
    }

    internal void Begin()
    {
        var assignment = new Frame.Assign(
            _name,
            _options.WorkerId,
            _options.WorkerCount,
            _options.Incarnation,
            _options.GracefulShutdownTimeout,
            LivenessTimeout: TimeSpan.Zero,
            HookTimeout: TimeSpan.FromSeconds(10),
            _options.WaitForMarkReady);
        _worker.Assign(assignment, [.. _host.Services.GetServices<WorkerRegistration>()]);
    }
}
