using Cotyledon.Hosting.Master;

namespace Cotyledon.Hosting.Tests.Master;

internal sealed class WorkerEventsTests
{
    private readonly WorkerEvents _events = new();

    [Test]
    public async Task Every_watcher_gets_every_event_from_the_call_on()
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
    public async Task A_watcher_that_is_too_far_behind_loses_the_oldest_events()
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
    public async Task Watching_ends_with_the_supervisor()
    {
        var watching = IdsAsync(_events.WatchAsync(CancellationToken.None));
        Publish(1);
        _events.Complete();

        Assert.That(await watching, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task Watching_after_the_end_ends_at_once()
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
    public async Task A_watcher_that_leaves_does_not_disturb_the_others()
    {
        var stays = _events.WatchAsync(CancellationToken.None);
        var leaves = _events.WatchAsync(CancellationToken.None).GetAsyncEnumerator();
        Publish(1);
        await leaves.MoveNextAsync();
        await leaves.DisposeAsync();
        Publish(2);
        _events.Complete();

        Assert.That(await IdsAsync(stays), Is.EqualTo(new[] { 1, 2 }));
    }

    private static async Task<List<int>> IdsAsync(IAsyncEnumerable<WorkerEvent> events)
    {
        List<int> ids = [];
        await foreach (var what in events)
        {
            ids.Add(what.WorkerId);
        }

        return ids;
    }

    private void Publish(int workerId) =>
        _events.Publish(new WorkerEvent(DateTimeOffset.UnixEpoch, WorkerEventKind.Ready, "Poller", workerId, 1, 1));
}
