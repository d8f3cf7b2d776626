using System.Collections.Concurrent;
using Cotyledon.Hosting.Observability;
using Cotyledon.Hosting.Queues.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>The queues that live in this process: in the master, or in a program without workers.</summary>
internal sealed class QueueRegistry(
    IEnumerable<QueueRegistration> registrations,
    IOptionsMonitor<CotyledonQueueOptions> options,
    IEnumerable<IQueueStoreFactory> stores,
    TimeProvider clock,
    ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<QueueBroker>> _brokers = new(StringComparer.Ordinal);

    public IEnumerable<QueueBroker> Brokers => registrations.Select(r => Broker(r.Name));

    /// <summary>Those that were made already.</summary>
    public IEnumerable<QueueBroker> Present => _brokers.Values.Where(b => b.IsValueCreated).Select(b => b.Value);

    /// <exception cref="QueueException">No such queue is registered here.</exception>
    public QueueBroker Broker(string name) => registrations.Any(r => r.Name == name)
        ? _brokers.GetOrAdd(name, n => new Lazy<QueueBroker>(() => Create(n))).Value
        : throw new QueueException(
            $"A worker asks for the queue '{name}', which this master does not have. The same arguments and configuration must "
            + "register the same queues in master and workers.");

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in Present)
        {
            await broker.DisposeAsync().ConfigureAwait(false);
        }
    }

    private QueueBroker Create(string name)
    {
        var queueOptions = options.Get(name);
        var store = stores.First(s => s.Provider.Equals(queueOptions.Provider, StringComparison.OrdinalIgnoreCase))
            .Create(name, queueOptions);
        return new QueueBroker(name, queueOptions, store, clock, GuardedLogger.Create(loggers, "Cotyledon.Hosting.Queues"));
    }
}
