using Cotyledon.Hosting.ProcessTests.Cluster;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Cotyledon.Hosting.Queues.Nats.Tests;

/// <summary>Servers that are unavailable or killed.</summary>
internal sealed class FaultTests
{
    [Test]
    public async Task An_unavailable_server_delays_only_calls_that_need_it()
    {
        await using var server = NatsServer.Create();
        await using var machine = new Machine(server.Url);
        await machine.Opened.WaitAsync(Eventually.Limit);
        machine.Read();
        var adding = machine.Queue.EnqueueAsync(1);
        await Eventually.Is(() => machine.HealthIssue is not null, "there is a health issue");
        Assert.That(machine.HealthIssue, Does.Contain(server.Url));
        Assert.That(adding.IsCompleted, Is.False);

        await server.StartAsync();
        await adding.WaitAsync(Eventually.Limit);
        await Eventually.Is(() => machine.Completed.Contains(1), "the item is completed");
        Assert.That(machine.HealthIssue, Is.Null);
        Assert.That(machine.Events, Has.One.EqualTo("QueueOpened"));
        Assert.That(machine.Events.Where(e => e != "QueueOpened"), Is.EqualTo(new[] { "StoreInTrouble", "NatsConnected", "StoreWorksAgain" }));
    }

    [Test]
    public async Task Disposal_does_not_wait_for_an_unavailable_server()
    {
        await using var server = await NatsServer.StartNewAsync();
        var machine = new Machine(server.Url);
        await machine.Queue.EnqueueRangeAsync([1, 2]).WaitAsync(Eventually.Limit);
        await machine.TakeAsync();
        server.Kill();
        await Eventually.Is(() => machine.HealthIssue is not null, "there is a health issue");

        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        Assert.That(async () => await machine.Queue.EnqueueAsync(3, timeout.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await machine.Queue.GetStatisticsAsync(), Throws.InstanceOf<QueueException>());
        await machine.DisposeAsync();
    }

    [Test]
    public async Task No_item_is_lost_when_the_server_is_killed_and_started_again()
    {
        await using var server = await NatsServer.StartNewAsync();
        await using var machine = new Machine(server.Url);
        await machine.Queue.EnqueueRangeAsync([.. Enumerable.Range(0, 500)]).WaitAsync(Eventually.Limit);
        var held = await machine.TakeAsync();

        server.Kill();
        await Eventually.Is(() => machine.HealthIssue is not null, "there is a health issue");
        var adding = machine.Queue.EnqueueRangeAsync([.. Enumerable.Range(500, 500)]);
        await held.CompleteAsync();

        await server.StartAsync();
        await adding.WaitAsync(Eventually.Limit);
        machine.Read();
        await Eventually.Is(() => machine.Completed.Append(held.Item).Distinct().Count() >= 1000, "all items are completed");
        await machine.UntilAsync(s => s.Waiting == 0, "the queue is empty");
        Assert.That(machine.HealthIssue, Is.Null);
        Assert.That(machine.Completed.Append(held.Item), Is.EquivalentTo(Enumerable.Range(0, 1000)));
        Assert.That(machine.Events.Where(e => e.StartsWith("Store", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "StoreInTrouble", "StoreWorksAgain" }));
    }

    [TestCase(1)]
    [TestCase(128, Description = "More than the buffers of the connection can take, so that no ping can be sent.")]
    [Category("Long")]
    public async Task Server_that_vanishes_without_closing_the_connection_is_replaced_by_another_one(int count)
    {
        var limit = TimeSpan.FromSeconds(60);
        await using var server = await NatsServer.StartNewAsync();
        using Relay first = new(server.Port), second = new(server.Port);
        second.Cut();
        await using var machine = new Machine($"nats://127.0.0.1:{first.Port},nats://127.0.0.1:{second.Port}");
        await machine.Bytes.EnqueueAsync(new byte[1]).WaitAsync(limit);

        second.Heal();
        first.Cut();
        await machine.Bytes.EnqueueRangeAsync([.. Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[64 * 1024], count)]).WaitAsync(limit);
        await machine.UntilAsync(s => s.Waiting == count + 1, "each item is stored once");
        await Eventually.Is(() => machine.HealthIssue is null, "there is no health issue");
    }

    [Test]
    [Category("Long")]
    public async Task No_item_is_lost_when_one_of_three_servers_is_killed()
    {
        const int Count = 2000;
        var limit = TimeSpan.FromSeconds(60);
        var servers = await NatsServer.StartClusterAsync();
        try
        {
            await WaitForClusterAsync(servers[0].Url);
            var urls = string.Join(',', servers.Select(s => s.Url));
            await using var a = new Machine(urls);
            await using var b = new Machine(urls);
            await a.Queue.EnqueueRangeAsync([.. Enumerable.Range(0, 500)]).WaitAsync(limit);
            a.Read();
            b.Read();
            var adding = Task.Run(async () =>
            {
                for (var i = 500; i < Count; i += 50)
                {
                    await a.Queue.EnqueueRangeAsync([.. Enumerable.Range(i, 50)]);
                }
            });
            await Eventually.Is(() => a.Completed.Count + b.Completed.Count >= Count / 3, "a third is completed", limit);

            // The leader of the stream.
            servers[await LeaderAsync(servers[0].Url)].Kill();
            await adding.WaitAsync(limit);
            await Eventually.Is(
                () => a.Completed.Concat(b.Completed).Distinct().Count() >= Count, "all items are completed", limit);
            TestContext.Out.WriteLine($"{a.Completed.Count + b.Completed.Count - Count} were completed twice.");
            await Eventually.Is(() => a.HealthIssue is null && b.HealthIssue is null, "there is no health issue", limit);
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>A stream with three replicas can be created only after all servers have connected to each other.</summary>
    private static async Task WaitForClusterAsync(string url)
    {
        await using var connection = new NatsConnection(new NatsOpts { Url = url });
        var js = new NatsJSContext(connection);
        await Eventually.Is(
            async () =>
            {
                try
                {
                    await js.CreateStreamAsync(new StreamConfig("probe", ["probe"]) { NumReplicas = 3 });
                    return await js.DeleteStreamAsync("probe");
                }
                catch (NatsException)
                {
                    return false;
                }
            },
            "the servers have connected to each other",
            TimeSpan.FromSeconds(60));
    }

    private static async Task<int> LeaderAsync(string url)
    {
        await using var connection = new NatsConnection(new NatsOpts { Url = url });
        var stream = await new NatsJSContext(connection).GetStreamAsync("cotyledon-samples");
        Assert.That(stream.Info.Config.NumReplicas, Is.EqualTo(3));
        return stream.Info.Cluster!.Leader![^1] - '0';
    }
}
