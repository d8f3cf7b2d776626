namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>The access of one process to one queue: by direct calls in the master, over a socket in a worker.</summary>
internal interface IQueuePort
{
    /// <summary>Sets the receiver of items. Set once, before the first <see cref="Grant"/>; called on any thread.</summary>
    IArrivals? Arrivals { set; }

    Task EnqueueAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken);

    /// <summary>Requests <paramref name="count"/> more items. 0 cancels all earlier requests.</summary>
    void Grant(int count);

    /// <summary>Settles an item. The settlement is sent with the next <see cref="Flush"/>.</summary>
    void Settle(long id, Settlement settlement, TimeSpan delay);

    void Flush();

    Task<QueueStatistics> GetStatisticsAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="Extensibility.IQueueStore.GetDeadAsync"/>
    Task<IReadOnlyList<Arrival>> GetDeadAsync(long after, int max, CancellationToken cancellationToken);

    Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);

    Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken);
}

/// <summary>Receives items. No member waits.</summary>
internal interface IArrivals
{
    void OnArrived(Arrival arrival);

    /// <summary>No more items arrive: the connection was lost.</summary>
    void OnClosed(Exception cause);
}
