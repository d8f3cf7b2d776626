using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Queues.Extensibility;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>The administration of one queue in the master.</summary>
internal sealed class QueueAdministration(string name, Func<QueueBroker> broker) : IQueueAdministration
{
    /// <summary>Limits the memory for the bodies of one list of dead items.</summary>
    private const long MaxBytes = 16 * 1024 * 1024;

    public string Name => name;

    public string Store => Broker.Options.Provider.ToLowerInvariant();

    private QueueBroker Broker => broker();

    public async Task<QueueDepth> GetDepthAsync(CancellationToken cancellationToken)
    {
        var statistics = await Broker.GetStatisticsAsync(cancellationToken).ConfigureAwait(false);
        return new QueueDepth
        {
            Waiting = statistics.Waiting,
            Taken = statistics.Taken,
            Completed = statistics.Completed,
            Redelivered = statistics.Redelivered,
            Dead = statistics.Dead,
        };
    }

    public async Task<IReadOnlyList<DeadQueueItem>> GetDeadAsync(int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(max);
        var dead = new List<DeadQueueItem>();
        IReadOnlyList<QueueItem> page;
        long bytes = 0;
        do
        {
            var after = dead.Count > 0 ? dead[^1].Id : 0;
            page = await Broker.GetDeadAsync(after, max - dead.Count, cancellationToken).ConfigureAwait(false);
            dead.AddRange(page.Select(i => new DeadQueueItem { Id = i.Id, Attempts = i.Attempts, Body = i.Body }));
            bytes += page.Sum(i => (long)i.Body.Length);
        }
        while (page.Count > 0 && dead.Count < max && bytes < MaxBytes);

        return dead;
    }

    public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Broker.RetryDeadAsync(ids, cancellationToken);
    }

    public Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Broker.DeleteDeadAsync(ids, cancellationToken);
    }
}
