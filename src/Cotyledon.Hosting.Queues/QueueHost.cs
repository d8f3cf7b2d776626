using System.Diagnostics.Metrics;
using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Observability;
using Cotyledon.Hosting.Queues.Transport;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues;

/// <summary>
/// Opens the queues of the master before its services start, and connects them to each worker. The container closes the queues.
/// </summary>
internal sealed class QueueHost(QueueRegistry queues, IMeterFactory meters, ILoggerFactory loggers)
    : IHostedLifecycleService, ISideChannel
{
    public const string ChannelName = "queues";

    private readonly ILogger _logger = GuardedLogger.Create(loggers, "Cotyledon.Hosting.Queues");

    public string Name => ChannelName;

    public void OnWorkerStarted(Stream stream) => _ = new MasterConnection(stream, queues, _logger).RunAsync();

    /// <summary>Opens all queues, before any hosted service starts.</summary>
    /// <exception cref="QueueException">A queue cannot be used.</exception>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _ = new QueueMeter(queues, meters);
        return Task.WhenAll(queues.Brokers.Select(b => b.OpenAsync())).WaitAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
