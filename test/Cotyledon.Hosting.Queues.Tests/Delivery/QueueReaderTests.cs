using Cotyledon.Hosting.Queues.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Queues.Tests.Delivery;

/// <summary>What a process fetches ahead, and what it gives back.</summary>
internal sealed class QueueReaderTests
{
    private static readonly TimeSpan Fast = TimeSpan.FromMicroseconds(2);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private readonly FakePort _port = new();
    private readonly FakeTimeProvider _clock = new();

    private QueueReader? _reader;

    private QueueReader Reader => _reader ??= New(maxPrefetch: 1000);

    [Test]
    public async Task One_item_is_asked_for_by_each_reader_that_waits()
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
    public async Task With_slow_items_nothing_is_fetched_ahead()
    {
        Reader.Begin();
        await TakeAsync(Slow, 1);
        await TakeAsync(Slow, 2);

        Assert.That(_port.Granted, Is.EqualTo(2), "one for each that was waited for");
    }

    [Test]
    public async Task With_fast_items_more_and_more_is_fetched_ahead_up_to_the_limit()
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
    public async Task With_a_limit_of_one_nothing_is_fetched_ahead()
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
    public async Task Items_that_nobody_takes_for_a_while_go_back_and_are_asked_for_again()
    {
        Reader.Begin();
        await TakeAsync(Fast, 1);
        await TakeAsync(Fast, 2);
        _port.Deliver(3, 4, 5, 6);
        var granted = _port.Granted;
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.That(_port.Said, Is.EqualTo(new[] { "R3", "R4", "R5", "R6" }));

        var next = Reader.TakeAsync(Slow, default).AsTask();
        Assert.That(_port.Granted, Is.GreaterThan(granted));
        _port.Deliver(3);
        Assert.That((await next).Id, Is.EqualTo(3));
    }

    [Test]
    public async Task When_the_last_reader_leaves_what_was_fetched_goes_back()
    {
        Reader.Begin();
        await TakeAsync(Fast, 1);
        _port.Deliver(2);
        Reader.End();

        Assert.That((_port.Granted, string.Join(' ', _port.Said), _port.Unflushed), Is.EqualTo((0, "R2", 0)));
    }

    [Test]
    public void What_arrives_when_nobody_reads_any_more_goes_back()
    {
        Reader.Begin();
        Reader.End();
        _port.Deliver(1);

        Assert.That(() => _port.Said.ToArray(), Is.EqualTo(new[] { "R1" }).After(5000, 10));
    }

    [Test]
    public async Task A_reader_that_gives_up_waiting_takes_nothing_with_it()
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
    public async Task A_single_completion_is_on_its_way_at_once_and_many_go_together()
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
        Assert.That(_port.Unflushed, Is.Zero, "and no later than that");
    }

    [Test]
    public void When_nothing_arrives_any_more_readers_hear_why()
    {
        Reader.Begin();
        var take = Reader.TakeAsync(default, default).AsTask();
        Reader.OnClosed(new QueueException("It broke."));

        Assert.That(async () => await take, Throws.TypeOf<QueueException>().With.Message.EqualTo("It broke."));
    }

    private QueueReader New(int maxPrefetch) => new(_port, maxPrefetch, _clock);

    /// <summary>Takes an item, after one that took so long.</summary>
    private async Task TakeAsync(TimeSpan handling, int id)
    {
        var take = Reader.TakeAsync(handling, default).AsTask();
        _port.Deliver(id);
        Assert.That((await take).Id, Is.EqualTo(id));
    }
}
