using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cotyledon.Hosting.Queues.Tests.Storage;

/// <summary>A queue in a file through its public interface.</summary>
internal sealed class FileQueueTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("cotyledon-queue-").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task Every_item_is_taken_once_while_others_are_added()
    {
        const int Count = 5000;
        await using var broker = Broker(capacity: 1000);
        var queue = Queue(broker);
        using var limit = new CancellationTokenSource(Limit);
        var adding = Task.Run(
            async () =>
            {
                for (var i = 0; i < Count; i += 100)
                {
                    await queue.EnqueueRangeAsync([.. Enumerable.Range(i, 100).Select(Item)], limit.Token);
                }
            },
            limit.Token);

        var taken = new List<int>();
        await foreach (var delivery in queue.ReadAllAsync(limit.Token))
        {
            taken.Add(BitConverter.ToInt32(delivery.Item.Span));
            await delivery.CompleteAsync();
            if (taken.Count == Count)
            {
                break;
            }
        }

        await adding;
        Assert.That(taken.Order(), Is.EqualTo(Enumerable.Range(0, Count)));
        Assert.That(await queue.GetStatisticsAsync(limit.Token), Is.EqualTo(Statistics.Of(0, 0, Count, 0, 0)));
    }

    [Test]
    public async Task Enqueueing_waits_while_the_file_is_at_its_capacity_also_after_a_restart()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using (var before = Broker(capacity: 3))
        {
            await Queue(before).EnqueueRangeAsync([Item(1), Item(2), Item(3)], limit.Token);
        }

        await using var broker = Broker(capacity: 3);
        var queue = Queue(broker);
        await broker.OpenAsync();
        var adding = queue.EnqueueAsync(Item(4), limit.Token);
        Assert.That(adding.IsCompleted, Is.False);

        await using (var items = queue.ReadAllAsync(limit.Token).GetAsyncEnumerator(limit.Token))
        {
            await items.MoveNextAsync();
            Assert.That(adding.IsCompleted, Is.False);
            await items.Current.CompleteAsync();
        }

        await adding;
        Assert.That((await queue.GetStatisticsAsync(limit.Token)).Waiting, Is.EqualTo(3));
    }

    [Test]
    public async Task An_item_that_always_fails_is_dead_and_can_be_retried()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var broker = Broker(capacity: null);
        var queue = Queue(broker);
        await queue.EnqueueAsync(Item(7), limit.Token);
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            await using var delivery = await TakeAsync(queue, limit.Token);
            Assert.That(delivery.Attempt, Is.EqualTo(attempt));
            await delivery.AbandonAsync();
        }

        var dead = (await queue.GetDeadAsync(cancellationToken: limit.Token)).Single();
        Assert.That((dead.Id, dead.Attempts), Is.EqualTo((1, 2)));
        Assert.That(await queue.RetryDeadAsync([dead.Id], limit.Token), Is.EqualTo(1));
        await using var again = await TakeAsync(queue, limit.Token);
        Assert.That(again.Attempt, Is.EqualTo(1));
        await again.CompleteAsync();
    }

    private static ReadOnlyMemory<byte> Item(int number) => BitConverter.GetBytes(number);

    private static async Task<QueueDelivery<ReadOnlyMemory<byte>>> TakeAsync(
        CotyledonQueue<ReadOnlyMemory<byte>> queue, CancellationToken ct)
    {
        // Not disposed: the disposal would return the item to the queue.
        var items = queue.ReadAllAsync(ct).GetAsyncEnumerator(ct);
        await items.MoveNextAsync();
        return items.Current;
    }

    private static CotyledonQueue<ReadOnlyMemory<byte>> Queue(QueueBroker broker) => new(
        "jobs", new BytesFormat(), () => new LocalPort(broker), broker.Options, TimeProvider.System, NullLogger.Instance);

    private QueueBroker Broker(int? capacity)
    {
        var options = new CotyledonQueueOptions { Provider = "File", Capacity = capacity, MaxAttempts = 2 };
        var store = new FileStore("jobs", Path.Combine(_directory, "jobs.db"), TimeProvider.System, NullLogger.Instance);
        return new QueueBroker("jobs", options, store, TimeProvider.System, NullLogger.Instance);
    }
}
