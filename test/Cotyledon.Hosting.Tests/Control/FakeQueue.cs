using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>A queue with dead items that records the calls.</summary>
internal sealed class FakeQueue(int dead = 2) : IQueueAdministration
{
    private List<long> _dead = [.. Enumerable.Range(1, dead).Select(id => (long)id)];

    public List<string> Calls { get; } = [];

    /// <summary>The number of dead items in the numbers of the queue.</summary>
    public long DeadCount { get; init; } = 5;

    public string Name => "samples";

    public string Store => "memory";

    public Task<QueueDepth> GetDepthAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new QueueDepth { Waiting = 1, Taken = 2, Completed = 3, Redelivered = 4, Dead = DeadCount });

    public Task<IReadOnlyList<DeadQueueItem>> GetDeadAsync(int max, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DeadQueueItem>>(
        [
            .. _dead.Take(max).Select(id => new DeadQueueItem { Id = id, Attempts = 5, Body = id == 1 ? "a\""u8.ToArray() : new byte[] { 0xff } }),
        ]);

    public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) => Change("retry", ids);

    public Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        var changed = Change("delete", ids);
        _dead = [.. _dead.Except(ids)];
        return changed;
    }

    private Task<int> Change(string what, IReadOnlyCollection<long> ids)
    {
        Calls.Add($"{what} {string.Join(' ', ids)}");
        return Task.FromResult(ids.Count);
    }
}
