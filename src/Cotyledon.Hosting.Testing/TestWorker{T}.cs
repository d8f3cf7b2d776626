using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Testing;

/// <summary>
/// Represents a worker in a test. The service is created, started, reloaded and stopped by the same code as in a worker process; the test takes
/// the role of the master.
/// </summary>
/// <typeparam name="T">The service.</typeparam>
/// <remarks>All members are thread-safe.</remarks>
public sealed class TestWorker<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T> : IAsyncDisposable
    where T : class, IHostedService
{
    private readonly IHost _host;
    private readonly TestWorkerOptions _options;
    private readonly SettingsSource _settings;
    private readonly WorkerMessages _messages = new();
    private readonly WorkerHarness _worker;
    private readonly string _name;
    private readonly Lock _gate = new();

    internal TestWorker(IHost host, TestWorkerOptions options, SettingsSource settings, string name)
    {
        (_host, _options, _settings, _name) = (host, options, settings, name);
        var worker = new WorkerHarnessOptions
        {
            ServiceName = name,
            WorkerId = options.WorkerId,
            WorkerCount = options.WorkerCount,
            Incarnation = options.Incarnation,
            GracefulShutdownTimeout = options.GracefulShutdownTimeout,
            WaitForMarkReady = options.WaitForMarkReady,
        };
        _worker = new WorkerHarness(host.Services, worker, _messages);
    }

    /// <summary>Gets the context of the worker, the same instance that is injected.</summary>
    public IWorkerContext Context => _worker.Context;

    /// <summary>Gets the service.</summary>
    /// <exception cref="InvalidOperationException">The constructor of the service has not returned.</exception>
    public T Service => (T)(_worker.Service ?? throw new InvalidOperationException(
        $"The service {WorkerHarness.NameOf(typeof(T))} does not exist: its constructor has not returned, or has thrown an exception."));

    /// <summary>Gets the root container.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Gets whether the worker has become ready.</summary>
    public bool IsReady => _messages.Ready.IsCompletedSuccessfully;

    /// <summary>Gets whether the worker is idle: the run method of the service has returned.</summary>
    public bool IsIdle => _messages.IsIdle;

    /// <summary>Gets the number of calls of <see cref="IWorkerContext.RequestRestart"/>.</summary>
    public int RestartRequests => _messages.RestartRequests;

    /// <summary>Gets the exit code of the first call of <see cref="IWorkerContext.RequestShutdown"/>.</summary>
    /// <value><see langword="null"/> if there was none.</value>
    public int? ShutdownRequest => _messages.ShutdownRequest;

    /// <summary>Gets the exception of the last reload whose outcome is <see cref="TestReloadOutcome.Rejected"/>.</summary>
    /// <value><see langword="null"/> if there was none.</value>
    public Exception? ReloadError { get; private set; }

    /// <summary>Gets a task that completes when the worker has exited. It never fails.</summary>
    public Task<TestWorkerExit> Completion => _messages.Exit;

    /// <summary>Waits until the worker is ready.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="InvalidOperationException">The worker exited before it was ready; the message has the reason.</exception>
    /// <exception cref="TimeoutException">The worker was not ready within <see cref="TestWorkerOptions.ReadyTimeout"/>.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken = default)
    {
        var timeout = _options.ReadyTimeout;
        await Task.WhenAny(_messages.Ready, Completion).WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
        if (!IsReady)
        {
            var exit = await Completion.ConfigureAwait(false);
            throw new InvalidOperationException(
                $"Worker '{_name}' #{_options.WorkerId} exited before it was ready: {exit.Reason}, exit code {exit.ExitCode}. "
                + exit.Message);
        }
    }

    /// <summary>Reloads <see cref="TestWorkerOptions.Settings"/> and the service, as SIGHUP does.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The outcome.</returns>
    /// <remarks>
    /// As in a program, only options with <c>ValidateOnStart</c> are validated, and an exception of a change callback does not end the reload.
    /// Unlike in a program, change callbacks see rejected settings, and then the old ones again.
    /// </remarks>
    public async Task<TestReloadOutcome> ReloadAsync(CancellationToken cancellationToken = default)
    {
        if (LoadSettings() is { } error)
        {
            ReloadError = error;
            return TestReloadOutcome.Rejected;
        }

        var outcome = _messages.BeginReload();
        _worker.Reload();
        try
        {
            return await outcome.WaitAsync(_options.GracefulShutdownTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The service ignores its token. The master would replace it.
            return TestReloadOutcome.Replaced;
        }
    }

    /// <summary>Changes the number of workers. The worker is notified on a thread pool thread.</summary>
    /// <param name="workerCount">The new number.</param>
    public void SetWorkerCount(int workerCount) => _worker.SetWorkerCount(workerCount);

    /// <summary>Stops the worker, and waits until it has exited.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>How it exited. If it had exited before, nothing is stopped.</returns>
    public Task<TestWorkerExit> StopAsync(CancellationToken cancellationToken = default)
    {
        _worker.Stop();
        return Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Stops the worker, if it has not exited, and disposes the container.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _host.Dispose();
    }

    internal void Begin() => _worker.Start();

    /// <summary>Loads the settings, as the master does for a reload. If they are rejected, puts the old ones back.</summary>
    /// <returns>Why they were rejected.</returns>
    private Exception? LoadSettings()
    {
        lock (_gate)
        {
            var before = _settings.Loaded;
            try
            {
                Raise(() => (Services.GetService<IConfiguration>() as IConfigurationRoot)?.Reload());
                Services.GetService<IStartupValidator>()?.Validate();
                return null;
            }
            catch (Exception exception)
            {
                Raise(() => _settings.Restore(before));
                return exception;
            }
        }
    }

    /// <summary>Changes the configuration, which calls change callbacks of the program.</summary>
    private static void Raise(Action change)
    {
        try
        {
            change();
        }
        catch (AggregateException)
        {
            // Change callbacks have thrown, after all of them were called. A worker logs this and goes on.
        }
    }
}
