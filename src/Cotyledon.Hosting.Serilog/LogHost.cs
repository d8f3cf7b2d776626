using System.Diagnostics.Metrics;
using System.Globalization;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Receiving;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Cotyledon.Hosting.Serilog;

/// <summary>Receives the log of all workers in the master, and writes it to its end before the logger is closed.</summary>
internal sealed class LogHost : IHostedLifecycleService, ISideChannel, ILogLosses, IAsyncDisposable, IDisposable
{
    public const string ChannelName = "log";

    private readonly CotyledonSerilogOptions _options;
    private readonly ILogger _logger;
    private readonly Counter<long> _lost;
    private readonly LogReceiver _receiver;
    private readonly IDisposable _reloads;
    private bool _hasWaited;

    public LogHost(
        global::Serilog.ILogger log,
        ILoggerFactory loggers,
        IMeterFactory meters,
        IConfiguration configuration,
        CotyledonSerilogOptions options)
    {
        _options = options;
        _logger = GuardedLogger.Create(loggers, "Cotyledon.Hosting.Serilog");
        _lost = meters.Create("Cotyledon.Hosting").CreateCounter<long>(
            "cotyledon.log.events.dropped",
            "{event}",
            "Log events of workers that were dropped because the log was too slow, or that could not be read.");
        _receiver = new LogReceiver(new LevelTable(log), this, TimeProvider.System);
        _reloads = ChangeToken.OnChange(configuration.GetReloadToken, _receiver.CheckLevelsSoon);
    }

    public string Name => ChannelName;

    public void OnWorkerStarted(Stream stream) => _receiver.Add(stream);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>All workers have exited by now, but their last events may not be written yet.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => WaitForTheEndAsync(cancellationToken);

    /// <summary>
    /// Waits as well, for a host whose start failed: StoppedAsync is not called then. The supervisor is disposed of before, so all workers have
    /// exited by now.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await WaitForTheEndAsync(CancellationToken.None).ConfigureAwait(false);
        _reloads.Dispose();
        _receiver.Dispose();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Waits once, up to ten times the timeout, while events are being written.</summary>
    private async Task WaitForTheEndAsync(CancellationToken cancellationToken)
    {
        var progress = -1L;
        for (var turns = 0; turns < 10 && !_hasWaited && !_receiver.Idle.IsCompleted && progress != _receiver.Progress; turns++)
        {
            progress = _receiver.Progress;
            await _receiver.Idle.WaitAsync(_options.FlushTimeout, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!_hasWaited && !_receiver.Idle.IsCompleted)
        {
            Log.NotAllWritten(_logger, _receiver.Count);
        }

        _hasWaited = true;
    }

    void ILogLosses.OnDropped(LogIdentity worker, long count) => Guarded(() =>
    {
        Count(worker, count);
        if (worker.Service is { } service)
        {
            Log.EventsLost(_logger, service, worker.WorkerId, worker.ProcessId, count);
        }
        else
        {
            Log.BlankWorkerLostEvents(_logger, worker.ProcessId, count);
        }
    });

    void ILogLosses.OnUnreadable(LogIdentity worker, long count, Exception error) => Guarded(() =>
    {
        Count(worker, count);
        Log.UnreadableFrames(_logger, Describe(worker), count, UserText.MessageOf(error));
    });

    void ILogLosses.OnClosed(LogIdentity worker, Exception error) => Guarded(() =>
        Log.BadFrame(_logger, Describe(worker), UserText.MessageOf(error)));

    private static string Describe(LogIdentity worker) => worker switch
    {
        { Service: { } service } => string.Create(CultureInfo.InvariantCulture, $"{service}({worker.WorkerId}) [{worker.ProcessId}]"),
        { ProcessId: 0 } => "A spare worker",
        _ => string.Create(CultureInfo.InvariantCulture, $"A spare worker [{worker.ProcessId}]"),
    };

    private void Count(LogIdentity worker, long count)
    {
        if (worker.Service is { } service)
        {
            _lost.Add(count, new KeyValuePair<string, object?>("cotyledon.service", service));
        }
        else
        {
            _lost.Add(count);
        }
    }

    /// <summary>
    /// Catches exceptions of metric listeners and log providers, which are code of the program: this thread writes the log of all workers.
    /// </summary>
    private static void Guarded(Action report)
    {
        try
        {
            report();
        }
        catch (Exception e)
        {
            SafeSelfLog.Write("Lost log events of a worker could not be reported: {0}", e);
        }
    }
}
