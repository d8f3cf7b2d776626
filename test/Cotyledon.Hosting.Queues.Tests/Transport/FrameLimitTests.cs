using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cotyledon.Hosting.Queues.Tests.Transport;

/// <summary>Senders keep to the frame limit, and no worker can exhaust the memory of the master.</summary>
internal sealed class FrameLimitTests
{
    private const int Mebibyte = 1024 * 1024;
    private const int Count = 300;

    private static readonly TimeSpan Limit = MasterFixture.Limit;

    private readonly CotyledonQueueOptions _options = new() { Capacity = null };
    private readonly ReadOnlyMemory<byte> _body = new byte[Mebibyte];
    private MasterFixture _master = null!;

    [SetUp]
    public void SetUp() => _master = new MasterFixture(_options);

    [TearDown]
    public async Task TearDownAsync() => await _master.DisposeAsync();

    [Test, Category("Long")]
    public async Task Batch_of_deliveries_that_is_larger_than_a_frame_arrives_complete()
    {
        var (_, port) = await _master.OpenAsync();
        var arrivals = new Arrived();
        port.Arrivals = arrivals;
        port.Grant(Count);
        port.Flush();
        await _master.Broker.EnqueueAsync([.. Enumerable.Repeat(_body, Count)], default);

        MasterFixture.Until(() => arrivals.Count == Count, "all items arrive");
        Assert.That((arrivals.Bytes, arrivals.IsClosed), Is.EqualTo(((long)Count * Mebibyte, false)));
        Assert.That((await port.GetStatisticsAsync(default).WaitAsync(Limit)).Taken, Is.EqualTo(Count));
    }

    [Test, Category("Long")]
    public async Task Dead_items_that_are_larger_than_a_frame_are_listed()
    {
        await AddDeadAsync(Count, _body);
        var (_, port) = await _master.OpenAsync();
        var queue = Queue(port);

        Assert.That((await queue.GetDeadAsync(1000).WaitAsync(Limit)).Select(d => d.Body.Length), Is.EqualTo(Enumerable.Repeat(Mebibyte, Count)));
        Assert.That((await queue.GetDeadAsync(7).WaitAsync(Limit)).Select(d => d.Id), Is.EqualTo(new[] { 1, 2, 3, 4, 5, 6, 7 }));
        Assert.That((await queue.GetStatisticsAsync().WaitAsync(Limit)).Dead, Is.EqualTo(Count), "the connection still works");
    }

    [Test, Category("Long")]
    public async Task Largest_item_fits_into_every_frame()
    {
        _options.MaxItemSize = Configuration.QueueOptionsSetup.LargestItem;
        ReadOnlyMemory<byte> largest = new byte[_options.MaxItemSize];
        var (_, port) = await _master.OpenAsync();
        await port.EnqueueAsync([largest, largest], default).WaitAsync(Limit);
        var arrivals = new Arrived();
        port.Arrivals = arrivals;
        port.Grant(2);
        port.Flush();
        MasterFixture.Until(() => arrivals.Count == 2, "both arrive");
        port.Settle(1, Settlement.MarkDead, default);
        port.Flush();
        while ((await port.GetStatisticsAsync(default).WaitAsync(Limit)).Dead == 0)
        {
            // The master handles a settlement after the requests that came with it.
        }

        Assert.That((await port.GetDeadAsync(0, 10, default).WaitAsync(Limit)).Single().Body.Length, Is.EqualTo(largest.Length));
    }

    [Test]
    public async Task More_ids_than_fit_into_one_request_are_retried()
    {
        await AddDeadAsync(2, new byte[1]);
        var (_, port) = await _master.OpenAsync();

        long[] ids = [1, .. Enumerable.Repeat(12345L, 2 * FrameLimits.MaxIds), 2];
        Assert.That(await port.RetryDeadAsync(ids, default).WaitAsync(Limit), Is.EqualTo(2));
    }

    [Test]
    public async Task Frame_over_the_limit_is_rejected_and_later_ones_are_sent()
    {
        var (a, b) = await MasterFixture.SocketPairAsync();
        using var sender = new FrameStream(a);
        using var receiver = new FrameStream(b);
        var kinds = new List<FrameKind>();
        var reading = receiver.ReadAsync((kind, _, _) => kinds.Add(kind), () => { });
        var half = new byte[(FrameLimits.MaxFrame / 2) + 1];

        sender.Write(FrameKind.Grant, 1, 0, static (frame, _) => frame.Int32(1));
        Assert.That(
            () => sender.Write(FrameKind.Answer, 1, half, static (frame, h) => frame.Bytes(h).Bytes(h)),
            Throws.TypeOf<QueueException>().With.Message.Contains($"{FrameLimits.MaxFrame} bytes are allowed"));
        sender.Write(FrameKind.Settle, 1, 0, static (frame, _) => frame.Int32(1));
        sender.Flush();
        MasterFixture.Until(() => sender.Unsent == 0, "everything is sent");
        sender.Dispose();

        await reading.WaitAsync(Limit);
        Assert.That(kinds, Is.EqualTo(new[] { FrameKind.Grant, FrameKind.Settle }));
    }

    [Test, Category("Long")]
    public async Task Worker_that_does_not_read_is_sent_a_bounded_number_of_bytes_until_it_reads()
    {
        await _master.Broker.EnqueueAsync([.. Enumerable.Repeat(_body, Count)], default);
        var (master, stream) = await _master.ConnectAsync();
        using var worker = new FrameStream(stream);
        worker.Write(FrameKind.Open, 1, "work", static (frame, name) => frame.Text(name));
        worker.Write(FrameKind.Grant, 1, Count, static (frame, count) => frame.Int32(count));
        worker.Flush();
        MasterFixture.Until(() => master.Unsent >= FrameLimits.MaxUnsent - (8 * Mebibyte), "the master has sent what it can");

        // Other workers pump the queue in the meantime.
        _master.Broker.Pump();
        _master.Broker.Pump();
        Assert.That(master.Unsent, Is.LessThan(FrameLimits.MaxUnsent + (2 * Mebibyte)));
        Assert.That((await _master.Broker.GetStatisticsAsync(default)).Waiting, Is.GreaterThan(Count / 2));

        var received = 0;
        _ = worker.ReadAsync((_, _, fields) => Interlocked.Add(ref received, Answers.ReadItems(ref fields).Length), () => { });
        MasterFixture.Until(() => Volatile.Read(ref received) == Count, "all items arrive");
    }

    [Test, Category("Long")]
    public async Task Calls_that_are_not_awaited_hold_bounded_memory_in_the_master_and_all_items_arrive()
    {
        _options.Capacity = 1;
        var (master, port) = await _master.OpenAsync();
        var adding = Enumerable.Range(0, Count).Select(_ => port.EnqueueAsync([_body], default)).ToList();
        MasterFixture.Until(() => master.Held >= FrameLimits.MaxEnqueues, "the master holds the maximum");

        // The master reads all earlier requests before this one.
        await port.GetStatisticsAsync(default).WaitAsync(Limit);
        Assert.That(master.Held, Is.LessThan(FrameLimits.MaxEnqueues + (2 * Mebibyte)));

        var reader = new QueueReader(port, 10, TimeProvider.System);
        reader.Begin();
        for (var i = 0; i < Count; i++)
        {
            var arrival = await reader.TakeAsync(default, default).AsTask().WaitAsync(Limit);
            reader.Settle(arrival.Id, Settlement.Complete, TimeSpan.Zero);
            Assert.That(arrival.Body.Length, Is.EqualTo(Mebibyte));
        }

        await Task.WhenAll(adding).WaitAsync(Limit);
        Assert.That(master.Held, Is.Zero);
    }

    [Test]
    public async Task Requests_that_wait_in_the_worker_can_be_cancelled()
    {
        _options.Capacity = 1;
        var (_, port) = await _master.OpenAsync();
        using var stop = new CancellationTokenSource();
        await port.EnqueueAsync([_body], default).WaitAsync(Limit);
        var adding = Enumerable.Range(0, 50).Select(_ => port.EnqueueAsync([_body], stop.Token)).ToList();
        await stop.CancelAsync();

        foreach (var task in adding)
        {
            Assert.That(async () => await task.WaitAsync(Limit), Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That((await port.GetStatisticsAsync(default).WaitAsync(Limit)).Waiting, Is.EqualTo(1));
    }

    [Test]
    public async Task Request_that_fits_into_no_frame_fails_its_caller_and_not_the_connection()
    {
        var (_, port) = await _master.OpenAsync();

        Assert.That(
            async () => await port.EnqueueAsync([new byte[FrameLimits.MaxFrame]], default).WaitAsync(Limit),
            Throws.TypeOf<QueueException>().With.Message.Contains("cannot be sent between a worker and the master"));
        await port.EnqueueAsync([_body], default).WaitAsync(Limit);
        Assert.That((await port.GetStatisticsAsync(default).WaitAsync(Limit)).Waiting, Is.EqualTo(1));
    }

    [Test, Category("Long")]
    public async Task Requests_over_the_budget_of_a_worker_are_rejected_and_it_stays_connected()
    {
        _options.Capacity = 1;
        await _master.Broker.EnqueueAsync([_body], default);
        var (master, stream) = await _master.ConnectAsync();
        using var worker = new FrameStream(stream);
        var failures = 0;
        _ = worker.ReadAsync((kind, _, _) => Interlocked.Add(ref failures, kind == FrameKind.Failure ? 1 : 0), () => { });
        worker.Write(FrameKind.Open, 1, "work", static (frame, name) => frame.Text(name));
        for (var i = 0; i < 100; i++)
        {
            worker.Write(FrameKind.Enqueue, 1, (i, _body), static (frame, r) => frame.Int32(r.i).Int32(1).Bytes(r._body.Span));
            worker.Flush();
        }

        MasterFixture.Until(() => Volatile.Read(ref failures) >= 100 - 9, "the other requests are rejected");
        Assert.That(master.Held, Is.LessThan(FrameLimits.MaxEnqueues + (2 * Mebibyte)));
        Assert.That(_master.Log.Exceptions, Is.Empty);
    }

    [Test]
    public async Task Item_larger_than_the_master_allows_is_rejected()
    {
        _options.MaxItemSize = 10;
        var (_, port) = await _master.OpenAsync();

        Assert.That(
            async () => await port.EnqueueAsync([new byte[11]], default).WaitAsync(Limit),
            Throws.TypeOf<QueueException>().With.Message.EqualTo("An item for the queue 'work' has 11 bytes; 10 are allowed."));
    }

    private async Task AddDeadAsync(int count, ReadOnlyMemory<byte> body)
    {
        var port = new LocalPort(_master.Broker);
        var arrivals = new Arrived();
        port.Arrivals = arrivals;
        port.Grant(count);
        await port.EnqueueAsync([.. Enumerable.Repeat(body, count)], default).WaitAsync(Limit);
        for (var id = 1; id <= count; id++)
        {
            port.Settle(id, Settlement.MarkDead, TimeSpan.Zero);
        }

        _master.Broker.Pump();
        Assert.That((await _master.Broker.GetStatisticsAsync(default)).Dead, Is.EqualTo(count));
    }

    private CotyledonQueue<ReadOnlyMemory<byte>> Queue(IQueuePort port) =>
        new("work", new BytesFormat(), () => port, _options, TimeProvider.System, NullLogger.Instance);

    private sealed class Arrived : IArrivals
    {
        private int _count;
        private long _bytes;

        public int Count => Volatile.Read(ref _count);

        public long Bytes => Volatile.Read(ref _bytes);

        public bool IsClosed { get; private set; }

        public void OnArrived(Arrival arrival)
        {
            Interlocked.Add(ref _bytes, arrival.Body.Length);
            Interlocked.Increment(ref _count);
        }

        public void OnClosed(Exception cause) => IsClosed = true;
    }
}
