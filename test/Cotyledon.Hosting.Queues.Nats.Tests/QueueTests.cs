namespace Cotyledon.Hosting.Queues.Nats.Tests;

/// <summary>One server, without faults.</summary>
internal sealed class QueueTests
{
    private NatsServer _server = null!;

    [SetUp]
    public async Task Start() => _server = await NatsServer.StartNewAsync();

    [TearDown]
    public async Task Stop() => await (_server?.DisposeAsync() ?? default);

    [Test]
    public async Task Items_are_read_in_their_order_and_leave_the_queue_when_they_are_completed()
    {
        await using var machine = new Machine(_server.Url);
        int[] items = [.. Enumerable.Range(1, 1000)];
        await machine.Queue.EnqueueRangeAsync(items).WaitAsync(Eventually.Limit);
        Assert.That((await machine.Queue.GetStatisticsAsync()).Waiting, Is.EqualTo(1000));

        machine.Read();
        await Eventually.Is(() => machine.Completed.Count >= 1000, "all items are completed");

        Assert.That(machine.Completed, Is.EqualTo(items));
        await machine.UntilAsync(s => s is { Waiting: 0, Taken: 0, Completed: 1000 }, "the queue is empty");
        Assert.That(machine.HealthIssue, Is.Null);
        Assert.That(machine.Events, Is.EquivalentTo(new[] { "QueueOpened", "NatsConnected" }));
    }

    [Test]
    public async Task The_depth_is_the_number_of_items_on_the_server_that_are_not_taken()
    {
        await using var machine = new Machine(_server.Url);
        await machine.Queue.EnqueueRangeAsync([1, 2, 3]).WaitAsync(Eventually.Limit);
        await Eventually.Is(() => machine.Depth == 3, "all items wait");

        await machine.TakeAsync();

        await Eventually.Is(() => machine.Depth == 2, "one item is taken");
    }

    [Test]
    public async Task Two_machines_share_a_queue_and_each_item_is_completed_once()
    {
        await using var a = new Machine(_server.Url);
        await using var b = new Machine(_server.Url);
        a.Read();
        b.Read();
        for (var i = 0; i < 20; i++)
        {
            await (i % 2 == 0 ? a : b).Queue.EnqueueRangeAsync([.. Enumerable.Range(i * 100, 100)]).WaitAsync(Eventually.Limit);
        }

        await Eventually.Is(() => a.Completed.Count + b.Completed.Count >= 2000, "all items are completed");
        Assert.That(a.Completed.Concat(b.Completed), Is.EquivalentTo(Enumerable.Range(0, 2000)));
    }

    [Test]
    public async Task A_machine_fetches_no_more_items_than_its_readers_request()
    {
        await using var a = new Machine(_server.Url);
        await using var b = new Machine(_server.Url);
        await a.Queue.EnqueueRangeAsync([.. Enumerable.Range(0, 100)]).WaitAsync(Eventually.Limit);
        var delivery = await a.TakeAsync();

        b.Read();
        await Eventually.Is(() => b.Completed.Count >= 99, "the other machine has completed all other items");

        await delivery.CompleteAsync();
        await b.UntilAsync(s => s.Waiting == 0, "the queue is empty");
        Assert.That(b.Completed, Is.Unique.And.Not.Contain(delivery.Item));
    }

    [Test]
    public async Task Requests_of_cancelled_readers_do_not_withhold_items_from_other_machines()
    {
        await using var a = new Machine(_server.Url);
        await using var b = new Machine(_server.Url);
        using var cancellation = new CancellationTokenSource();
        var reading = a.Queue.ReadAllAsync(cancellation.Token).GetAsyncEnumerator(cancellation.Token).MoveNextAsync().AsTask();
        await a.Queue.EnqueueAsync(0);
        await reading.WaitAsync(Eventually.Limit);

        await using var others = a.NewProcess().ReadAllAsync(cancellation.Token).GetAsyncEnumerator(cancellation.Token);
        var waiting = others.MoveNextAsync().AsTask();
        await cancellation.CancelAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());

        b.Read();
        await b.Queue.EnqueueRangeAsync([.. Enumerable.Range(1, 100)]).WaitAsync(Eventually.Limit);
        await Eventually.Is(() => b.Completed.Count >= 100, "the other machine has completed all items");
    }

    [Test]
    public async Task A_stopped_machine_returns_its_items()
    {
        await using var b = new Machine(_server.Url);
        await using (var a = new Machine(_server.Url))
        {
            await a.Queue.EnqueueRangeAsync([1, 2, 3]).WaitAsync(Eventually.Limit);
            Assert.That((await a.TakeAsync()).Attempt, Is.EqualTo(1));
            Assert.That((await a.TakeAsync()).Attempt, Is.EqualTo(1));
        }

        // Sooner than the acknowledgement timeout of the server, which is half a minute.
        var again = await b.TakeAsync();
        await again.CompleteAsync();
        b.Read();
        await Eventually.Is(() => b.Completed.Count >= 2, "the others are completed");
        Assert.That(b.Completed.Append(again.Item), Is.EquivalentTo(new[] { 1, 2, 3 }));
    }

    [Test]
    [Category("Long")]
    public async Task An_item_held_longer_than_the_acknowledgement_timeout_is_not_redelivered()
    {
        var ackWait = TimeSpan.FromSeconds(6);
        await using var a = new Machine(_server.Url, ackWait: ackWait);
        await using var b = new Machine(_server.Url, ackWait: ackWait);
        await a.Queue.EnqueueAsync(1);
        var delivery = await a.TakeAsync();
        b.Read();

        await using var listener = new NATS.Client.Core.NatsConnection(new NATS.Client.Core.NatsOpts { Url = _server.Url });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var reports = 0;
        await foreach (var message in listener.SubscribeAsync<string>("$JS.ACK.>", cancellationToken: limit.Token))
        {
            // The interval of the reports is at least a third of the acknowledgement timeout.
            if (message.Data == "+WPI" && ++reports == 4)
            {
                break;
            }
        }

        Assert.That(b.Completed, Is.Empty);
        await delivery.CompleteAsync();
        await b.UntilAsync(s => s.Waiting == 0, "the queue is empty");
        Assert.That(b.Completed, Is.Empty);
    }

    [Test]
    public async Task Adding_to_a_full_queue_waits_until_there_is_room()
    {
        await using var machine = new Machine(_server.Url, o => o.Capacity = 5);
        await machine.Queue.EnqueueRangeAsync([1, 2, 3, 4, 5]).WaitAsync(Eventually.Limit);

        using (var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(500)))
        {
            Assert.That(async () => await machine.Queue.EnqueueAsync(6, timeout.Token), Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That((await machine.Queue.GetStatisticsAsync()).Waiting, Is.EqualTo(5));
        var adding = machine.Queue.EnqueueAsync(7);
        await (await machine.TakeAsync()).CompleteAsync();
        await adding.WaitAsync(Eventually.Limit);
        Assert.That(machine.Events, Has.None.EqualTo("StoreInTrouble"));
    }

    [Test]
    [Category("Guarantee 11")]
    public async Task A_dead_item_is_listed_and_can_be_retried()
    {
        await using var machine = new Machine(_server.Url, o => o.MaxAttempts = 2);
        await machine.Queue.EnqueueAsync(42);
        await (await machine.TakeAsync()).AbandonAsync();
        await (await machine.TakeAsync()).AbandonAsync();
        await machine.UntilAsync(s => s is { Dead: 1, Waiting: 0, Taken: 0 }, "the item is dead");

        var dead = (await machine.Queue.GetDeadAsync()).Single();
        Assert.That((dead.Item, dead.Attempts), Is.EqualTo((42, 2)));
        Assert.That(await machine.Queue.RetryDeadAsync([dead.Id, 77]), Is.EqualTo(1));

        var again = await machine.TakeAsync();
        Assert.That((again.Item, again.Attempt), Is.EqualTo((42, 1)));
        await again.CompleteAsync();
        await machine.UntilAsync(s => s is { Dead: 0, Waiting: 0, Taken: 0 }, "the item is completed");
    }

    [Test]
    public async Task A_dead_item_can_be_deleted_and_an_unknown_id_is_skipped()
    {
        await using var machine = new Machine(_server.Url, o => o.MaxAttempts = 1);
        await machine.Queue.EnqueueRangeAsync([42, 43]);
        await (await machine.TakeAsync()).AbandonAsync();
        await (await machine.TakeAsync()).AbandonAsync();
        await machine.UntilAsync(s => s is { Dead: 2, Waiting: 0, Taken: 0 }, "the items are dead");
        var dead = await machine.Queue.GetDeadAsync();

        Assert.That(await machine.Queue.DeleteDeadAsync([dead[0].Id, dead[0].Id, 77, 0, -1]), Is.EqualTo(1));
        Assert.That(await machine.Queue.RetryDeadAsync([dead[0].Id, 0, -1]), Is.Zero);

        Assert.That((await machine.Queue.GetDeadAsync()).Single().Item, Is.EqualTo(dead[1].Item));
        Assert.That(await machine.Queue.GetStatisticsAsync(), Is.EqualTo(
            new QueueStatistics { Waiting = 0, Taken = 0, Completed = 0, Redelivered = 0, Dead = 1 }));
    }

    [Test]
    public async Task A_repeated_publication_is_stored_once()
    {
        var options = new CotyledonQueueOptions { Provider = "Nats", Url = _server.Url };
        await using var link = new NatsLink("samples", options, NatsStore.DefaultAckWait, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        link.Start();
        var publisher = new NatsPublisher(link);
        OutgoingItem[] items = [new(new byte[] { 1 }, "a"), new(new byte[] { 2 }, "b")];
        await publisher.PublishAsync(link.Names.Subject, items, default).WaitAsync(Eventually.Limit);
        await publisher.PublishAsync(link.Names.Subject, items, default).WaitAsync(Eventually.Limit);

        Assert.That(await new NatsDead(link, publisher).CountAsync(link.Names.Stream, default), Is.EqualTo(2));
    }
}
