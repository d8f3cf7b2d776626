using System.Collections.Concurrent;
using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>The queues of the master, or of a program without worker processes.</summary>
internal sealed class QueueRegistry(
    IEnumerable<QueueRegistration> registrations,
    IOptionsMonitor<CotyledonQueueOptions> options,
    IEnumerable<IQueueStoreFactory> stores,
    TimeProvider clock,
    ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<QueueBroker>> _brokers = new(StringComparer.Ordinal);

    public IEnumerable<QueueBroker> Brokers => registrations.Select(r => Broker(r.Name));

    public IEnumerable<QueueBroker> Present => _brokers.Values.Where(b => b.IsValueCreated).Select(b => b.Value);

    /// <exception cref="QueueException">The queue is not registered in the master.</exception>
    public QueueBroker Broker(string name) => registrations.Any(r => r.Name == name)
        ? _brokers.GetOrAdd(name, n => new Lazy<QueueBroker>(() => Create(n))).Value
        : throw new QueueException(
            $"A worker requested the queue '{name}', which is not registered in the master. The master and its workers must register the "
            + "same queues.");

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
