using System.Text;
using Cotyledon.Hosting.Extensibility;

namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>A queue with dead items.</summary>
internal sealed class FakeQueue : IQueueAdministration
{
    public List<DeadQueueItem> Dead { get; } =
    [
        new() { Id = 17, Attempts = 5, Body = Encoding.UTF8.GetBytes("""{"meter":"<b>m-17</b>"}""") },
        new() { Id = 18, Attempts = 5, Body = new byte[] { 0xff, 0xfe } },
    ];

    public List<string> Calls { get; } = [];

    public Exception? Failure { get; set; }

    public string Name => "samples";

    public string Store => "file";

    public Task<QueueDepth> GetDepthAsync(CancellationToken cancellationToken) => Failure is null
        ? Task.FromResult(new QueueDepth { Waiting = 3, Taken = 1, Completed = 100, Redelivered = 0, Dead = Dead.Count })
        : throw Failure;

    public Task<IReadOnlyList<DeadQueueItem>> GetDeadAsync(int max, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DeadQueueItem>>([.. Dead.Take(max)]);

    public Task<int> RetryDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) => Settle("retry", ids);

    public Task<int> DeleteDeadAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) => Settle("delete", ids);

    private Task<int> Settle(string verb, IReadOnlyCollection<long> ids)
    {
        Calls.Add($"{verb} {string.Join(',', ids)}");
        return Task.FromResult(Dead.RemoveAll(item => ids.Contains(item.Id)));
    }
}
