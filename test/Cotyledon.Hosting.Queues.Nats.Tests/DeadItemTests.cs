using System.Globalization;
using Cotyledon.Hosting.ProcessTests.Cluster;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Cotyledon.Hosting.Queues.Nats.Tests;

/// <summary>A dead item is never lost, whatever the server accepts. The problem of a server without space is reported once.</summary>
internal sealed class DeadItemTests
{
    private const int Large = 100_000;

    /// <summary>The size of an item of which ten use all space of a server with little space.</summary>
    private const int OneOfTen = Large + (Large / 10);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cotyledon-nats-config-");

    [TearDown]
    public void TearDown() => _directory.Delete(recursive: true);

    [Test]
    public async Task The_largest_item_that_the_server_accepts_can_become_a_dead_item()
    {
        await using var server = await StartAsync(maxPayload: Large);
        await using var machine = new Machine(server.Url, Settle);
        var size = Large;
        while (!await TryEnqueueAsync(machine, size))
        {
            size--;
        }

        Assert.That(size, Is.InRange(Large - 1000, Large), "the size of the accepted item");
        await (await machine.TakeAsync(machine.Bytes)).AbandonAsync();

        await machine.UntilAsync(s => s is { Dead: 1, Waiting: 0, Taken: 0 }, "the item is dead");
    }

    [Test]
    public async Task An_item_that_the_server_refuses_as_a_dead_item_is_kept_until_it_is_accepted()
    {
        await using var server = await StartAsync(maxPayload: Large);
        await using var machine = new Machine(server.Url, Settle, ackWait: TimeSpan.FromSeconds(1));
        Assert.That(await TryEnqueueAsync(machine, Large / 2), Is.True);
        server.Kill();
        await server.StartAsync(Config(maxPayload: Large / 10));

        await (await machine.TakeAsync(machine.Bytes)).AbandonAsync();
        await Eventually.Is(() => machine.Events.Contains("DeadItemRefused"), "the refusal is logged");

        server.Kill();
        await server.StartAsync(Config(maxPayload: Large));
        using var stop = new CancellationTokenSource();
        var next = machine.Bytes.ReadAllAsync(stop.Token).GetAsyncEnumerator(stop.Token).MoveNextAsync().AsTask();
        await machine.UntilAsync(s => s is { Dead: 1, Waiting: 0, Taken: 0 }, "the item is dead");
        Assert.That(next.IsCompleted, Is.False, "the item is not delivered to readers again");

        await stop.CancelAsync();
        Assert.That(() => next, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_dead_item_for_which_the_server_has_no_space_delays_no_other_item()
    {
        await using var server = await StartWithLittleSpaceAsync();
        await using var machine = new Machine(server.Url, Settle, ackWait: TimeSpan.FromSeconds(1));
        await UseAllSpaceAsync(machine);

        var first = await machine.TakeAsync(machine.Bytes);
        var second = await machine.TakeAsync(machine.Bytes);
        await first.AbandonAsync();
        await Eventually.Is(() => machine.Events.Contains("DeadItemRefused"), "the refusal is logged");
        Assert.That(machine.HealthIssue, Is.Null, "the connection works");

        await second.CompleteAsync();
        await machine.UntilAsync(s => s.Waiting + s.Taken == 9, "the other item is completed");
        using var stop = new CancellationTokenSource();
        var rest = CompleteAllAsync(machine.Bytes, stop.Token);
        await machine.UntilAsync(s => s is { Dead: 1, Waiting: 0, Taken: 0 }, "completed items have made space for the dead item");

        await stop.CancelAsync();
        Assert.That(() => rest, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_call_that_is_cancelled_does_not_end_the_problem_of_another_call()
    {
        await using var server = await StartWithLittleSpaceAsync();
        await using var machine = new Machine(server.Url, Settle);
        await UseAllSpaceAsync(machine);
        using var stop = new CancellationTokenSource();
        var adding = machine.Bytes.EnqueueAsync(new byte[OneOfTen], stop.Token);
        await Eventually.Is(() => machine.HealthIssue is not null, "the missing space is a health issue");

        for (var i = 0; i < 3; i++)
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            Assert.That(
                async () => await machine.Bytes.EnqueueAsync(new byte[OneOfTen], timeout.Token), Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That(StoreEvents(), Is.EqualTo(new[] { "StoreInTrouble" }));
        Assert.That(adding.IsCompleted, Is.False);
        await stop.CancelAsync();
        Assert.That(async () => await adding, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(StoreEvents(), Is.EqualTo(new[] { "StoreInTrouble", "StoreWorksAgain" }), "no call knows of a problem");

        IEnumerable<string> StoreEvents() => machine.Events.Where(e => e.StartsWith("Store", StringComparison.Ordinal));
    }

    [Test]
    public async Task A_dead_item_that_the_user_may_not_publish_delays_no_other_item()
    {
        await using var server = NatsServer.Create();
        var file = Path.Combine(_directory.FullName, "rights.conf");
        await File.WriteAllTextAsync(
            file, "authorization: { users: [{ user: me, password: secret, permissions: { publish: { deny: \"cotyledon.dead.>\" } } }] }\n");
        await server.StartAsync("-c", file);
        await using var machine = new Machine(server.Url.Replace("//", "//me:secret@", StringComparison.Ordinal), Settle);
        Assert.That(await TryEnqueueAsync(machine, 1), Is.True);
        Assert.That(await TryEnqueueAsync(machine, 1), Is.True);

        await (await machine.TakeAsync(machine.Bytes)).AbandonAsync();
        await (await machine.TakeAsync(machine.Bytes)).CompleteAsync();

        await Eventually.Is(() => machine.Events.Contains("DeadItemRefused"), "the refusal is logged");
        await machine.UntilAsync(s => s is { Dead: 0, Waiting: 1 }, "one item is completed, and the other one is kept");
    }

    [Test]
    [Category("Long")]
    public async Task All_dead_items_are_listed_although_each_answer_takes_ten_milliseconds()
    {
        const int Count = 600;
        await using var server = await NatsServer.StartNewAsync();
        using var relay = new Relay(server.Port) { Delay = TimeSpan.FromMilliseconds(5) };
        await using var machine = new Machine($"nats://127.0.0.1:{relay.Port}");
        await machine.UntilAsync(s => s.Dead == 0, "the streams exist");
        await using (var connection = new NatsConnection(new NatsOpts { Url = server.Url }))
        {
            var js = new NatsJSContext(connection);
            for (var i = 0; i < Count; i++)
            {
                await js.PublishAsync("cotyledon.dead.samples", "1"u8.ToArray());
            }
        }

        var dead = await machine.Queue.GetDeadAsync(Count).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(dead.Select(d => d.Id), Is.EqualTo(Enumerable.Range(1, Count)));
    }

    private static async Task CompleteAllAsync(ICotyledonQueue<ReadOnlyMemory<byte>> queue, CancellationToken cancellationToken)
    {
        await foreach (var delivery in queue.ReadAllAsync(cancellationToken))
        {
            await delivery.CompleteAsync();
        }
    }

    private static void Settle(CotyledonQueueOptions options) => (options.MaxAttempts, options.MaxItemSize) = (1, 10 * Large);

    private static async Task<bool> TryEnqueueAsync(Machine machine, int size)
    {
        try
        {
            await machine.Bytes.EnqueueAsync(new byte[size]).WaitAsync(Eventually.Limit);
            return true;
        }
        catch (QueueException)
        {
            return false;
        }
    }

    private async Task<NatsServer> StartAsync(int maxPayload)
    {
        var server = NatsServer.Create();
        await server.StartAsync(Config(maxPayload));
        return server;
    }

    private async Task<NatsServer> StartWithLittleSpaceAsync()
    {
        var server = NatsServer.Create();
        var file = Path.Combine(_directory.FullName, "space.conf");
        await File.WriteAllTextAsync(file, "jetstream: { max_file: 1MB }\n");
        await server.StartAsync("-c", file);
        return server;
    }

    private static async Task UseAllSpaceAsync(Machine machine)
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.That(await TryEnqueueAsync(machine, OneOfTen), Is.True);
        }
    }

    private string[] Config(int maxPayload)
    {
        var file = Path.Combine(_directory.FullName, string.Create(CultureInfo.InvariantCulture, $"{maxPayload}.conf"));
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"max_payload: {maxPayload}\n"));
        return ["-c", file];
    }
}
