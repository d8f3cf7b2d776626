using Cotyledon.Hosting.Queues.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Queues.Tests.Delivery;

/// <summary>Prefetching of items, and their return to the queue.</summary>
internal sealed class QueueReaderTests
{
    private static readonly TimeSpan Fast = TimeSpan.FromMicroseconds(2);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private readonly FakePort _port = new();
    private readonly FakeTimeProvider _clock = new();

    private QueueReader? _reader;

    private QueueReader Reader => _reader ??= New(maxPrefetch: 1000);

    [Test]
    public async Task Each_waiting_reader_grants_credit_for_one_item()
    {
        Reader.Begin();
        Reader.Begin();
        var first = Reader.TakeAsync(default, default).AsTask();
        var second = Reader.TakeAsync(default, default).AsTask();
        Assert.That(_port.Granted, Is.EqualTo(2));

        _port.Deliver(1, 2);
        Assert.That(new[] { (await first).Id, (await second).Id }, Is.EquivalentTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task Slow_items_are_not_prefetched()
    {
        Reader.Begin();
        await TakeAsync(Slow, 1);
        await TakeAsync(Slow, 2);

        Assert.That(_port.Granted, Is.EqualTo(2), "one for each waiting reader");
    }

    [Test]
    public async Task Fast_items_are_prefetched_up_to_the_limit()
    {
        _reader = New(maxPrefetch: 20);
        Reader.Begin();
        for (var id = 1; id <= 100; id++)
        {
            await TakeAsync(Fast, id);
            Assert.That(_port.Granted - id, Is.LessThanOrEqualTo(20));
        }

        Assert.That(_port.Granted - 100, Is.GreaterThan(10));
    }

    [Test]
    public async Task With_MaxPrefetch_1_nothing_is_prefetched()
    {
        _reader = New(maxPrefetch: 1);
        Reader.Begin();
        for (var id = 1; id <= 10; id++)
        {
            await TakeAsync(Fast, id);
            Assert.That(_port.Granted, Is.EqualTo(id));
        }
    }

    [Test]
    public async Task Item_that_arrives_during_the_release_of_others_is_requested_again()
    {
        Reader.Begin();
        await TakeAsync(Fast, 1);
        await TakeAsync(Fast, 2);
        var left = _port.Granted - 2;
        _port.Deliver([.. Enumerable.Range(3, left - 1)]);
        _port.OnSettled = id =>
        {
            if (id == 3)
            {
                _port.Deliver(left + 2);
            }
        };
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.That(_port.Settlements, Has.Count.EqualTo(left));

        var granted = _port.Granted;
        var next = Reader.TakeAsync(Slow, default).AsTask();
        Assert.That(_port.Granted, Is.GreaterThan(granted));
        _port.Deliver(99);
        Assert.That((await next).Id, Is.EqualTo(99));
    }

    [Test]
    public async Task Prefetched_items_that_are_not_taken_in_time_are_released_and_requested_again()
    {
        Reader.Begin();
        await TakeAsync(Fast, 1);
        await TakeAsync(Fast, 2);
        _port.Deliver(3, 4, 5, 6);
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.That(_port.Settlements, Is.EqualTo(new[] { "R3", "R4", "R5", "R6" }));

        var next = Reader.TakeAsync(Slow, default).AsTask();
        Assert.That(_port.Granted, Is.EqualTo(1));
        _port.Deliver(3);
        Assert.That((await next).Id, Is.EqualTo(3));
    }

    [Test]
    public async Task Prefetched_items_are_released_with_their_credit_when_items_become_slow()
    {
        await PrefetchAsync(5, 6, 7, 8, 9, 10, 11);
        Assert.That(_port.Granted, Is.EqualTo(12), "there is credit for one more item");
        for (var id = 5; id <= 7; id++)
        {
            await TakePrefetchedAsync(TimeSpan.FromMilliseconds(80), id);
        }

        Assert.That(_port.Settlements, Is.Empty, "no item has been here for a whole interval of the timer");
        _clock.Advance(TimeSpan.FromMilliseconds(80));
        Assert.That(_port.Settlements, Is.EqualTo(new[] { "R8", "R9", "R10", "R11" }));
        Assert.That(_port.Granted, Is.Zero, "the released items do not come back at once");
    }

    [Test]
    public async Task Prefetched_items_are_kept_as_long_as_all_earlier_ones_are_taken_in_time()
    {
        var step = TimeSpan.FromMilliseconds(60);
        await PrefetchAsync(5, 6);
        for (var id = 5; id <= 20; id++)
        {
            await TakePrefetchedAsync(step, id);
            _port.Deliver(id + 2);
        }

        Assert.That(_port.Settlements, Is.Empty);
    }

    [Test]
    public async Task Reader_that_begins_to_wait_while_prefetched_items_are_released_gets_an_item()
    {
        Reader.Begin();
        await TakeAsync(Fast, 1);
        await TakeAsync(Fast, 2);
        Reader.Settle(2, Settlement.Complete, default); // Starts the timer.
        _port.OnFlushed = () =>
        {
            // The process stands still after the reader has found no item, and before it waits for one.
            _port.OnFlushed = null;
            _port.Deliver(3, 4, 5, 6);
            _clock.Advance(TimeSpan.FromMilliseconds(200));
        };

        var take = Reader.TakeAsync(Fast, default).AsTask();
        Assert.That(_port.Settlements, Is.EqualTo(new[] { "C2", "R3", "R4", "R5", "R6" }));
        Assert.That(_port.Granted, Is.EqualTo(1));
        _port.Deliver(3);
        Assert.That((await take.WaitAsync(TimeSpan.FromSeconds(20))).Id, Is.EqualTo(3));
    }

    [Test]
    public async Task The_end_of_the_last_reader_releases_prefetched_items()
    {
        Reader.Begin();
        await TakeAsync(Fast, 1);
        _port.Deliver(2);
        Reader.End();

        Assert.That((_port.Granted, string.Join(' ', _port.Settlements), _port.Unflushed), Is.EqualTo((0, "R2", 0)));
    }

    [Test]
    public void Items_that_arrive_after_the_end_of_the_last_reader_are_released()
    {
        Reader.Begin();
        Reader.End();
        _port.Deliver(1);

        Assert.That(() => _port.Settlements.ToArray(), Is.EqualTo(new[] { "R1" }).After(5000, 10));
    }

    [Test]
    public async Task A_cancelled_reader_loses_no_item()
    {
        Reader.Begin();
        using var stopping = new CancellationTokenSource();
        var take = Reader.TakeAsync(default, stopping.Token).AsTask();
        await stopping.CancelAsync();
        Assert.That(async () => await take, Throws.InstanceOf<OperationCanceledException>());

        _port.Deliver(1);
        Assert.That((await Reader.TakeAsync(default, default)).Id, Is.EqualTo(1));
    }

    [Test]
    public async Task A_single_completion_is_sent_at_once_and_many_are_sent_together()
    {
        Reader.Begin();
        await TakeAsync(Slow, 1);
        Reader.Settle(1, Settlement.Complete, default);
        Assert.That(_port.Unflushed, Is.Zero);

        for (var id = 2; id <= 200; id++)
        {
            await TakeAsync(Fast, id);
        }

        for (var id = 2; id <= 11; id++)
        {
            Reader.Settle(id, Settlement.Complete, default);
        }

        Assert.That(_port.Unflushed, Is.EqualTo(10));
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.That(_port.Unflushed, Is.Zero, "the delay is limited");
    }

    [Test]
    public void A_closed_connection_fails_waiting_readers_with_its_cause()
    {
        Reader.Begin();
        var take = Reader.TakeAsync(default, default).AsTask();
        Reader.OnClosed(new QueueException("It broke."));

        Assert.That(async () => await take, Throws.TypeOf<QueueException>().With.Message.EqualTo("It broke."));
    }

    private QueueReader New(int maxPrefetch) => new(_port, maxPrefetch, _clock);

    /// <summary>Takes items 1 to 4 fast, which grants credit up to item 12, and delivers more items.</summary>
    private async Task PrefetchAsync(params int[] ids)
    {
        Reader.Begin();
        for (var id = 1; id <= 4; id++)
        {
            await TakeAsync(Fast, id);
        }

        _port.Deliver(ids);
    }

    /// <summary>Takes an item that has arrived already, after the handling of the previous one.</summary>
    private async Task TakePrefetchedAsync(TimeSpan handling, int id)
    {
        _clock.Advance(handling);
        Assert.That((await Reader.TakeAsync(handling, default)).Id, Is.EqualTo(id));
    }

    /// <summary>Takes an item; the previous one took <paramref name="handling"/> to handle.</summary>
    private async Task TakeAsync(TimeSpan handling, int id)
    {
        var take = Reader.TakeAsync(handling, default).AsTask();
        _port.Deliver(id);
        Assert.That((await take).Id, Is.EqualTo(id));
    }
}
