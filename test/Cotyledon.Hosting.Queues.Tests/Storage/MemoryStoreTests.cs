using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Queues.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Queues.Tests.Storage;

/// <summary>The dead items in memory.</summary>
internal sealed class MemoryStoreTests
{
    private const int MaxDead = 3;

    private readonly FakeTimeProvider _clock = new();
    private readonly LineLogger _log = new();
    private readonly ItemBuffer _buffer = new();
    private MemoryStore _store = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _store = new MemoryStore("samples", MaxDead, _clock, _log);
        await _store.OpenAsync(_buffer, default);
        await _store.AppendAsync([.. Enumerable.Range(0, 100).Select(_ => new ReadOnlyMemory<byte>([1]))], default);
    }

    [TearDown]
    public async Task CloseAsync() => await _store.DisposeAsync();

    [Test]
    public async Task Oldest_dead_items_are_dropped_beyond_the_limit()
    {
        MarkDead(5, 1, 4, 2, 3);

        Assert.That(await DeadAsync(), Is.EqualTo(new[] { 2, 3, 4 }), "5 and 1 became dead first");
        Assert.That((await _store.CountDeadAsync(default), _store.Count), Is.EqualTo((3, 95)));
    }

    [Test]
    public async Task Retry_of_a_dead_item_makes_room_for_another_one()
    {
        MarkDead(1, 2, 3);
        Assert.That(await _store.RetryDeadAsync([1], default), Is.EqualTo(1));
        MarkDead(4);

        Assert.That(await DeadAsync(), Is.EqualTo(new[] { 2, 3, 4 }));
        Assert.That(_log.Lines, Is.Empty);
    }

    [Test]
    public async Task Deleted_dead_items_are_gone_and_make_room_for_others()
    {
        MarkDead(1, 2, 3);
        Assert.That(await _store.DeleteDeadAsync([1, 1, 3, 99, -1], default), Is.EqualTo(2));
        Assert.That((await _store.CountDeadAsync(default), _store.Count), Is.EqualTo((1, 97)));
        MarkDead(4, 5);

        Assert.That(await DeadAsync(), Is.EqualTo(new[] { 2, 4, 5 }));
        Assert.That(_log.Lines, Is.Empty);
    }

    [Test]
    public void Dropped_items_are_logged_with_their_total_and_no_more_than_once_a_minute()
    {
        MarkDead([.. Enumerable.Range(1, 10)]);
        Assert.That(_log.Lines, Is.EqualTo(new[] { Line(1) }));

        _clock.Advance(TimeSpan.FromMinutes(1));
        MarkDead(11, 12);
        Assert.That(_log.Lines, Is.EqualTo(new[] { Line(1), Line(8) }));
    }

    private static string Line(int dropped) =>
        $"Queue samples keeps at most {MaxDead} dead items in memory. Older ones were dropped: {dropped} since the start. Increase "
        + "Cotyledon:Queues:samples:MaxDead, or use provider File, which keeps all dead items.";

    private void MarkDead(params int[] ids)
    {
        foreach (var id in ids)
        {
            _store.Settle(_buffer.WaitFor(100).Single(i => i.Id == id), QueueOutcome.Dead);
        }
    }

    private async Task<IEnumerable<long>> DeadAsync() => (await _store.GetDeadAsync(0, 100, default)).Select(i => i.Id);

    private sealed class LineLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
