using Cotyledon.Hosting.Queues.Delivery;

namespace Cotyledon.Hosting.Queues.Tests.Delivery;

/// <summary>A connection to a queue whose other end is the test.</summary>
internal sealed class FakePort : IQueuePort
{
    public IArrivals? Arrivals { get; set; }

    public int Granted { get; private set; }

    /// <summary>The settlements so far: <c>C1</c> for completed, <c>A</c>bandoned, <c>R</c>eleased, <c>M</c>arked dead.</summary>
    public List<string> Settlements { get; } = [];

    public int Unflushed { get; private set; }

    /// <summary>The items that were added.</summary>
    public List<ReadOnlyMemory<byte>> Added { get; } = [];

    /// <summary>Called at each settlement.</summary>
    public Action<long>? OnSettled { get; set; }

    /// <summary>Called at each flush.</summary>
    public Action? OnFlushed { get; set; }

    public void Deliver(params int[] ids)
    {
        foreach (var id in ids)
        {
            Arrivals!.OnArrived(new Arrival(id, 1, default));
        }
    }

    public void Grant(int count) => Granted = count == 0 ? 0 : Granted + count;

    public void Settle(long id, Settlement settlement, TimeSpan delay)
    {
        Settlements.Add($"{settlement.ToString()[0]}{id}");
        Unflushed++;
        OnSettled?.Invoke(id);
    }

    public void Flush()
    {
        Unflushed = 0;
        OnFlushed?.Invoke();
    }

    public Task EnqueueAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken ct)
    {
        Added.AddRange(bodies);
        return Task.CompletedTask;
    }

    public Task<QueueStatistics> GetStatisticsAsync(CancellationToken ct) => throw new NotSupportedException();

    public Task<IReadOnlyList<Arrival>> GetDeadAsync(long after, int max, CancellationToken ct) => throw new NotSupportedException();

    public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken ct) => throw new NotSupportedException();

    public Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken ct) => throw new NotSupportedException();
}
