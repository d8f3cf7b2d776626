using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Tests;

internal sealed class BlockingQueueTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Test]
    public void Items_are_taken_in_their_order()
    {
        var queue = new BlockingQueue<int>();
        queue.TryAdd(1);
        queue.TryAdd(2);

        Assert.Multiple(() =>
        {
            Assert.That(queue.Count, Is.EqualTo(2));
            Assert.That(Take(queue), Is.EqualTo(1));
            Assert.That(Take(queue), Is.EqualTo(2));
            Assert.That(Take(queue), Is.Null);
        });
    }

    [Test]
    public void Waiting_reader_gets_the_next_item()
    {
        var queue = new BlockingQueue<int>();
        int? taken = null;
        var reader = Waiting(() => taken = Take(queue, Timeout.InfiniteTimeSpan));
        queue.TryAdd(7);

        Assert.That(reader.Join(Limit));
        Assert.That(taken, Is.EqualTo(7));
    }

    [Test]
    public void Waiting_reader_returns_when_the_queue_is_complete()
    {
        var queue = new BlockingQueue<int>();
        int? taken = 0;
        var reader = Waiting(() => taken = Take(queue, Timeout.InfiniteTimeSpan));
        queue.Complete();

        Assert.That(reader.Join(Limit));
        Assert.That(taken, Is.Null);
    }

    [Test]
    public void Reader_returns_at_the_timeout() =>
        Assert.That(Take(new BlockingQueue<int>(), TimeSpan.FromMilliseconds(1)), Is.Null);

    [Test]
    public void Full_queue_accepts_an_item_when_another_was_taken()
    {
        var queue = new BlockingQueue<int>(capacity: 1);

        Assert.Multiple(() =>
        {
            Assert.That(queue.TryAdd(1), Is.True);
            Assert.That(queue.TryAdd(2), Is.False);
            Assert.That(Take(queue), Is.EqualTo(1));
            Assert.That(queue.TryAdd(3), Is.True);
        });
    }

    [Test]
    public void Complete_queue_gives_its_items_and_accepts_no_more()
    {
        var queue = new BlockingQueue<int>();
        queue.TryAdd(1);
        queue.TryAdd(2);
        queue.Complete();

        Assert.That(queue.TryAdd(3), Is.False);
        Assert.That(queue.TakeAll(), Is.EqualTo([1, 2]));
        Assert.That(Take(queue, Timeout.InfiniteTimeSpan), Is.Null);
    }

    [Test]
    public async Task Concurrent_writers_lose_no_item()
    {
        const int writers = 4;
        const int each = 10_000;
        var queue = new BlockingQueue<int>();
        var sum = Task.Run(() => queue.TakeAll().Sum(i => (long)i));
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(() =>
        {
            for (var i = 1; i <= each; i++)
            {
                queue.TryAdd(i);
            }
        })));
        queue.Complete();

        Assert.That(await sum.WaitAsync(Limit), Is.EqualTo(writers * (each * (each + 1L) / 2)));
    }

    /// <summary>Starts a thread, and returns when it waits.</summary>
    private static Thread Waiting(ThreadStart start)
    {
        var thread = new Thread(start) { IsBackground = true };
        thread.Start();
        Assert.That(SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin), Limit), "the thread waits");
        return thread;
    }

    private static int? Take(BlockingQueue<int> queue, TimeSpan timeout = default) => queue.TryTake(timeout, out var item) ? item : null;
}
