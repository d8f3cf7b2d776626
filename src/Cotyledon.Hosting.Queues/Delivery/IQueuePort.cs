namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>One process's way to one queue: direct in the master, over a socket in a worker.</summary>
internal interface IQueuePort
{
    /// <summary>Set once, before the first grant: where items arrive. Called on any thread; does not wait.</summary>
    IArrivals? Arrivals { set; }

    Task EnqueueAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken);

    /// <summary>So many items more are wanted; 0 for none any more, whatever was wanted before.</summary>
    void Grant(int count);

    /// <summary>Not on its way before <see cref="Flush"/>.</summary>
    void Settle(long id, Settlement settlement, TimeSpan delay);

    void Flush();

    Task<QueueStatistics> GetStatisticsAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="Storage.IQueueStore.GetDeadAsync"/>
    Task<IReadOnlyList<Arrival>> GetDeadAsync(long after, int max, CancellationToken cancellationToken);

    Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);
}

/// <summary>Where items arrive.</summary>
internal interface IArrivals
{
    void OnArrived(Arrival arrival);

    /// <summary>Nothing arrives any more.</summary>
    void OnClosed(Exception cause);
}
