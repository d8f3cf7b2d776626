using System.Runtime.CompilerServices;
using Cotyledon.Hosting.Master;

namespace Cotyledon.Hosting.Tests.Master;

internal sealed class WorkerEventsTests
{
    private readonly WorkerEvents _events = new();

    [Test]
    public async Task Every_watcher_receives_the_events_after_its_call()
    {
        Publish(0);
        var early = _events.WatchAsync(CancellationToken.None);
        Publish(1);
        var late = _events.WatchAsync(CancellationToken.None);
        Publish(2);
        _events.Complete();

        Assert.That(await IdsAsync(early), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(await IdsAsync(late), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task A_watcher_that_is_too_slow_loses_the_oldest_events()
    {
        var watching = _events.WatchAsync(CancellationToken.None);
        foreach (var id in Enumerable.Range(0, 1500))
        {
            Publish(id);
        }

        _events.Complete();

        Assert.That(await IdsAsync(watching), Is.EqualTo(Enumerable.Range(1500 - 1024, 1024)));
        Assert.That(_events.Dropped, Is.EqualTo(1500 - 1024));
    }

    [Test]
    public async Task The_stream_ends_with_the_supervisor()
    {
        var watching = IdsAsync(_events.WatchAsync(CancellationToken.None));
        Publish(1);
        _events.Complete();

        Assert.That(await watching, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_stream_requested_after_the_end_is_empty()
    {
        _events.Complete();

        Assert.That(await IdsAsync(_events.WatchAsync(CancellationToken.None)), Is.Empty);
    }

    [Test]
    public void Cancelling_ends_the_stream_with_either_token([Values] bool tokenOfEnumeration)
    {
        using var source = new CancellationTokenSource();
        var stream = _events.WatchAsync(tokenOfEnumeration ? CancellationToken.None : source.Token);
        var enumerator = stream.GetAsyncEnumerator(tokenOfEnumeration ? source.Token : CancellationToken.None);

        var next = enumerator.MoveNextAsync().AsTask();
        source.Cancel();

        Assert.That(() => next, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_disposed_watcher_does_not_affect_the_others()
    {
        var kept = _events.WatchAsync(CancellationToken.None);
        var disposed = _events.WatchAsync(CancellationToken.None).GetAsyncEnumerator();
        Publish(1);
        await disposed.MoveNextAsync();
        await disposed.DisposeAsync();
        Publish(2);
        _events.Complete();

        Assert.That(await IdsAsync(kept), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void A_stream_that_is_never_enumerated_is_collected()
    {
        WatchAndDrop(100);
        Collect();

        Assert.That(_events.Count, Is.Zero);
    }

    [Test]
    public void An_enumerator_that_never_moves_is_collected()
    {
        WatchAndDrop(100, watching => watching.GetAsyncEnumerator());
        Collect();

        Assert.That(_events.Count, Is.Zero);
    }

    [Test]
    public async Task A_referenced_stream_is_kept_with_its_events()
    {
        var watching = _events.WatchAsync(CancellationToken.None);
        Publish(1);
        Collect();
        Publish(2);
        _events.Complete();

        Assert.That(await IdsAsync(watching), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task A_waiting_consumer_is_kept_without_any_other_reference()
    {
        var ids = new List<int>();
        var ended = new Pending();
        Consume(ids, ended);
        Collect();
        Publish(1);
        Collect();
        _events.Complete();
        await ended.Task;

        Assert.That(ids, Is.EqualTo(new[] { 1 }));
        Assert.That(_events.Count, Is.Zero);
    }

    [Test]
    public void A_stream_cancelled_before_its_enumeration_receives_no_more_events()
    {
        using var source = new CancellationTokenSource();
        var watching = _events.WatchAsync(source.Token);
        Publish(1);
        source.Cancel();

        Assert.That(_events.Count, Is.Zero);
        Assert.That(() => IdsAsync(watching), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_completed_enumeration_is_removed()
    {
        var watching = _events.WatchAsync(CancellationToken.None);
        Publish(1);
        await foreach (var _ in watching)
        {
            break;
        }

        Assert.That(_events.Count, Is.Zero);
        GC.KeepAlive(watching);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WatchAndDrop(int count, Action<IAsyncEnumerable<WorkerEvent>>? use = null)
    {
        for (var i = 0; i < count; i++)
        {
            var watching = _events.WatchAsync(CancellationToken.None);
            use?.Invoke(watching);
        }

        Publish(1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Consume(List<int> ids, Pending ended)
    {
        _ = ConsumeAsync();

        async Task ConsumeAsync()
        {
            await foreach (var workerEvent in _events.WatchAsync(CancellationToken.None))
            {
                ids.Add(workerEvent.WorkerId);
            }

            ended.SetResult();
        }
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    [Test]
    public async Task Events_are_numbered_and_a_watcher_gets_the_kept_ones_after_a_number_first()
    {
        for (var i = 1; i <= 300; i++)
        {
            Publish(i);
        }

        var all = _events.WatchAsync(CancellationToken.None, after: 0);
        var some = _events.WatchAsync(CancellationToken.None, after: 290);
        var unknown = _events.WatchAsync(CancellationToken.None, after: 5000);
        Publish(301);
        _events.Complete();

        Assert.That(await NumbersAsync(all), Is.EqualTo(Enumerable.Range(45, 257)));
        Assert.That(await NumbersAsync(some), Is.EqualTo(Enumerable.Range(291, 11)));
        Assert.That(await NumbersAsync(unknown), Is.EqualTo(new[] { 301 }));
        Assert.That(await NumbersAsync(_events.WatchAsync(CancellationToken.None, after: 300)), Is.EqualTo(new[] { 301 }));
    }

    [Test]
    public async Task No_event_is_lost_or_repeated_between_the_kept_and_the_new_ones()
    {
        const int Count = 5000;
        const int MaxWatchers = 50;
        var publishing = Task.Run(() =>
        {
            for (var i = 1; i <= Count; i++)
            {
                Publish(i);
            }

            _events.Complete();
        });

        List<IAsyncEnumerable<WorkerEvent>> watching = [];
        while (!publishing.IsCompleted && watching.Count < MaxWatchers)
        {
            watching.Add(_events.WatchAsync(CancellationToken.None, after: 0));
            await Task.Yield();
        }

        await publishing;
        foreach (var watcher in watching)
        {
            // A watcher keeps the last 1,024 events; these have no gap.
            var numbers = await NumbersAsync(watcher);
            Assert.That(numbers, Is.EqualTo(Enumerable.Range(Count - numbers.Count + 1, numbers.Count)));
            Assert.That(numbers, Has.Count.GreaterThanOrEqualTo(256));
        }
    }

    [Test]
    public async Task Missing_events_of_a_slow_watcher_show_in_the_numbers()
    {
        var watcher = _events.WatchAsync(CancellationToken.None, after: 0).GetAsyncEnumerator();
        Publish(1);
        await watcher.MoveNextAsync();
        for (var i = 2; i <= 2000; i++)
        {
            Publish(i);
        }

        await watcher.MoveNextAsync();
        Assert.That(watcher.Current.Number, Is.EqualTo(2000 - 1024 + 1));
    }

    private static async Task<List<long>> NumbersAsync(IAsyncEnumerable<WorkerEvent> events) =>
        await events.Select(e => e.Number).ToListAsync();

    private static async Task<List<int>> IdsAsync(IAsyncEnumerable<WorkerEvent> events)
    {
        List<int> ids = [];
        await foreach (var workerEvent in events)
        {
            ids.Add(workerEvent.WorkerId);
        }

        return ids;
    }

    private void Publish(int workerId) =>
        _events.Publish(new WorkerEvent
        {
            Time = DateTimeOffset.UnixEpoch,
            Kind = WorkerEventKind.Ready,
            Service = "Poller",
            WorkerId = workerId,
            Incarnation = 1,
            ProcessId = 1,
        });
}
