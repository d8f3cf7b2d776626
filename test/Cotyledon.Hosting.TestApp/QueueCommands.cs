using System.Globalization;
using Cotyledon.Hosting.Queues;

namespace Cotyledon.Hosting.TestApp;

/// <summary>The queue commands of tests in the master.</summary>
internal sealed class QueueCommands(ICotyledonQueue<WorkItem> queue, IConfiguration configuration)
{
    private const int Part = 500;

    private int _lastId = configuration.GetValue("FirstId", 0);

    /// <summary>Adds items in parts, and traces first and last id of each part that the queue has accepted.</summary>
    public async Task EnqueueAsync(int count)
    {
        for (var left = count; left > 0; left -= Part)
        {
            // Commands run concurrently.
            var size = Math.Min(Part, left);
            var last = Interlocked.Add(ref _lastId, size);
            var first = last - size + 1;
            await queue.EnqueueRangeAsync([.. Enumerable.Range(first, size).Select(i => new WorkItem(i))]).ConfigureAwait(false);
            Trace.Write("accepted", detail: string.Create(CultureInfo.InvariantCulture, $"{first} {last}"));
        }
    }

    public Task EnqueueAsync(string action) => queue.EnqueueAsync(new WorkItem(Interlocked.Increment(ref _lastId), action));

    public async Task CountAsync()
    {
        var counts = await queue.GetStatisticsAsync().ConfigureAwait(false);
        Trace.Write(
            "counts",
            detail: $"waiting={counts.Waiting} taken={counts.Taken} completed={counts.Completed} dead={counts.Dead} redelivered={counts.Redelivered}");
    }

    public async Task RetryAsync()
    {
        var dead = await queue.GetDeadAsync().ConfigureAwait(false);
        Trace.Write("dead", detail: string.Join(' ', dead.Select(d => $"{d.Item?.Id}:{d.Attempts}")));
        var count = await queue.RetryDeadAsync([.. dead.Select(d => d.Id)]).ConfigureAwait(false);
        Trace.Write("retried", detail: $"{count}");
    }
}
