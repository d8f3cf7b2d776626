using System.Net.Sockets;
using System.Text;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Storage;
using Cotyledon.Hosting.Queues.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Moq;

namespace Cotyledon.Hosting.Queues.Tests.Transport;

/// <summary>A worker's end and the master's end of a connection, in one process.</summary>
internal sealed class ConnectionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly CotyledonQueueOptions _options = new() { Capacity = 10, MaxAttempts = 1 };
    private QueueRegistry _queues = null!;
    private NetworkStream _workerEnd = null!;
    private IQueuePort _port = null!;
    private Task _master = null!;

    [SetUp]
    public async Task ConnectAsync()
    {
        var options = new Mock<IOptionsMonitor<CotyledonQueueOptions>>();
        options.Setup(o => o.Get("work")).Returns(_options);
        _queues = new QueueRegistry(
            [new QueueRegistration("work", typeof(string))],
            options.Object,
            [new MemoryStoreFactory(TimeProvider.System, NullLoggerFactory.Instance)],
            TimeProvider.System,
            NullLoggerFactory.Instance);
        var (master, worker) = await MasterFixture.SocketPairAsync();
        _master = new MasterConnection(master, _queues, NullLogger.Instance).RunAsync();
        _workerEnd = worker;
        _port = new WorkerConnection(worker).Open("work");
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _workerEnd.DisposeAsync();
        await _master.WaitAsync(Limit);
        await _queues.DisposeAsync();
    }

    [Test]
    public async Task Items_of_all_sizes_arrive_unchanged()
    {
        (_options.Capacity, _options.MaxItemSize) = (null, 3_000_000);
        byte[][] sent = [[], [1], .. new[] { 100, 65_536, 3_000_000 }.Select(n => Enumerable.Range(0, n).Select(i => (byte)i).ToArray())];
        await _port.EnqueueAsync([.. sent.Select(b => new ReadOnlyMemory<byte>(b))], default).WaitAsync(Limit);
        var reader = new QueueReader(_port, 100, TimeProvider.System);
        reader.Begin();

        foreach (var body in sent)
        {
            Assert.That((await reader.TakeAsync(default, default).AsTask().WaitAsync(Limit)).Body.ToArray(), Is.EqualTo(body));
        }
    }

    [Test]
    public async Task Statistics_and_dead_items_are_returned_and_dead_items_can_be_retried()
    {
        await _port.EnqueueAsync([Encoding.UTF8.GetBytes("one"), Encoding.UTF8.GetBytes("two")], default).WaitAsync(Limit);
        var reader = new QueueReader(_port, 100, TimeProvider.System);
        reader.Begin();
        var arrival = await reader.TakeAsync(default, default).AsTask().WaitAsync(Limit);
        reader.Settle(arrival.Id, Settlement.Abandon, TimeSpan.Zero);

        await UntilAsync(Statistics.Of(1, 0, 0, 0, 1));
        var dead = (await _port.GetDeadAsync(0, 10, default).WaitAsync(Limit)).Single();
        Assert.That((dead.Attempt, Encoding.UTF8.GetString(dead.Body.Span)), Is.EqualTo((1, "one")));
        Assert.That(await _port.GetDeadAsync(dead.Id, 10, default).WaitAsync(Limit), Is.Empty);
        Assert.That(await _port.GetDeadAsync(long.MaxValue, 10, default).WaitAsync(Limit), Is.Empty);
        Assert.That(await _port.RetryDeadAsync([dead.Id, 12345], default).WaitAsync(Limit), Is.EqualTo(1));
        await UntilAsync(Statistics.Of(2, 0, 0, 0, 0));
    }

    [Test]
    public async Task Dead_items_can_be_deleted()
    {
        await _port.EnqueueAsync([Encoding.UTF8.GetBytes("one"), Encoding.UTF8.GetBytes("two")], default).WaitAsync(Limit);
        var reader = new QueueReader(_port, 100, TimeProvider.System);
        reader.Begin();
        var arrival = await reader.TakeAsync(default, default).AsTask().WaitAsync(Limit);
        reader.Settle(arrival.Id, Settlement.MarkDead, TimeSpan.Zero);
        await UntilAsync(Statistics.Of(1, 0, 0, 0, 1));

        Assert.That(await _port.DeleteDeadAsync([arrival.Id, 12345], default).WaitAsync(Limit), Is.EqualTo(1));
        await UntilAsync(Statistics.Of(1, 0, 0, 0, 0));
    }

    [Test]
    public async Task Enqueueing_to_a_full_queue_waits_and_a_cancelled_call_adds_nothing()
    {
        for (var i = 0; i < 10; i++)
        {
            await _port.EnqueueAsync([new byte[1]], default).WaitAsync(Limit);
        }

        using var cancellation = new CancellationTokenSource();
        var eleventh = _port.EnqueueAsync([new byte[1]], cancellation.Token);
        Assert.That((await _port.GetStatisticsAsync(default).WaitAsync(Limit)).Waiting, Is.EqualTo(10));
        Assert.That(eleventh.IsCompleted, Is.False);
        await cancellation.CancelAsync();

        Assert.That(async () => await eleventh.WaitAsync(Limit), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await _port.GetStatisticsAsync(default).WaitAsync(Limit)).Waiting, Is.EqualTo(10));
    }

    [Test]
    public async Task Disconnect_of_a_worker_counts_an_attempt_for_its_item_and_fails_its_pending_call()
    {
        _options.Capacity = 1;
        await _port.EnqueueAsync([new byte[1]], default).WaitAsync(Limit);
        var reader = new QueueReader(_port, 100, TimeProvider.System);
        reader.Begin();
        await reader.TakeAsync(default, default).AsTask().WaitAsync(Limit);
        var pending = _port.EnqueueAsync([new byte[1]], default);
        await _workerEnd.DisposeAsync();

        Assert.That(async () => await pending.WaitAsync(Limit), Throws.TypeOf<QueueException>());
        await _master.WaitAsync(Limit);
        var counts = await _queues.Broker("work").GetStatisticsAsync(default).WaitAsync(Limit);
        Assert.That(counts, Is.EqualTo(Statistics.Of(0, 0, 0, 0, 1)), "the item was held alone, and MaxAttempts is 1");
    }

    [Test]
    public async Task An_unknown_queue_ends_the_connection()
    {
        var (master, worker) = await MasterFixture.SocketPairAsync();
        var connection = new MasterConnection(master, _queues, NullLogger.Instance).RunAsync();
        var port = new WorkerConnection(worker).Open("unknown");

        Assert.That(async () => await port.GetStatisticsAsync(default).WaitAsync(Limit), Throws.TypeOf<QueueException>());
        await connection.WaitAsync(Limit);
        await worker.DisposeAsync();
    }

    [TestCase(new byte[] { 0xff, 0xff, 0xff, 0xff, 1 })]
    [TestCase(new byte[] { 0, 0, 0, 0 })]
    [TestCase(new byte[] { 3, 0, 0, 0, 99, 7, 0 })]
    [TestCase(new byte[] { 7, 0, 0, 0, 1, 1, 0, 255, 255, 0, 0 })]
    [TestCase(new byte[]
    {
        11, 0, 0, 0, 1, 1, 0, 4, 0, 0, 0, (byte)'w', (byte)'o', (byte)'r', (byte)'k',
        11, 0, 0, 0, 2, 1, 0, 1, 0, 0, 0, 255, 255, 255, 255,
    })]
    public async Task Invalid_frames_end_only_their_own_connection(byte[] invalid)
    {
        var (master, worker) = await MasterFixture.SocketPairAsync();
        var connection = new MasterConnection(master, _queues, NullLogger.Instance).RunAsync();
        await worker.WriteAsync(invalid);

        await connection.WaitAsync(Limit);
        await worker.DisposeAsync();
        await _port.EnqueueAsync([new byte[1]], default).WaitAsync(Limit);
    }

    private async Task UntilAsync(QueueStatistics expected)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (await _port.GetStatisticsAsync(limit.Token) != expected)
        {
            await Task.Yield();
        }
    }
}
