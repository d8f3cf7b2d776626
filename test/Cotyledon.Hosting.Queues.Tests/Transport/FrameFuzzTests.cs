using System.Buffers.Binary;
using Cotyledon.Hosting.Queues.Delivery;
using Cotyledon.Hosting.Queues.Transport;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Queues.Tests.Transport;

/// <summary>Bytes that no worker sends: the master rejects them and keeps working.</summary>
internal sealed class FrameFuzzTests
{
    private const int Cases = 20_000;
    private const int Seed = 20260715;

    private static readonly byte[] Interesting = [0, 1, 2, 3, 4, 7, 8, 15, 16, 63, 64, 127, 128, 254, 255];

    private readonly Random _random = new(Seed);

    [Test]
    public void Decoders_throw_only_InvalidDataException_and_allocate_in_proportion_to_the_frame()
    {
        Action<byte[]>[] decoders =
        [
            b => Requests.ReadOpen(new FieldReader(b)),
            b => Requests.ReadSettle(new FieldReader(b)),
            b => Requests.ReadGrant(new FieldReader(b)),
            b => Requests.ReadEnqueue(new FieldReader(b)),
            b => Requests.ReadNumber(new FieldReader(b)),
            b => Requests.ReadGetDead(new FieldReader(b)),
            b => Requests.ReadIds(new FieldReader(b)),
        ];
        byte[][] valid = [.. ValidFrames().Select(f => f[7..])];
        var (accepted, rejected) = (0, 0);
        for (var i = 0; i < Cases; i++)
        {
            var bytes = i % 4 == 0 ? RandomBytes(_random.Next(64)) : Mutate(valid[_random.Next(valid.Length)]);
            foreach (var decode in decoders)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    decode(bytes);
                    accepted++;
                }
                catch (InvalidDataException)
                {
                    rejected++;
                }
                catch (Exception e)
                {
                    Assert.Fail($"Case {i}, {Convert.ToHexString(bytes)}: {e}");
                }

                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                if (allocated > (64 * 1024) + (16 * bytes.Length))
                {
                    Assert.Fail($"Case {i}, {Convert.ToHexString(bytes)}: {allocated} bytes were allocated.");
                }
            }
        }

        Assert.That(Math.Min(accepted, rejected), Is.GreaterThan(Cases / 10), "valid and invalid bytes were tried");
    }

    [Test, Category("Long")]
    public async Task Mutated_connections_fail_only_with_InvalidDataException_and_the_queue_keeps_working()
    {
        await using var master = new MasterFixture(new CotyledonQueueOptions { Capacity = 100, MaxAttempts = 1, MaxDead = 10 });
        var rejected = 0;
        for (var i = 0; i < Cases; i++)
        {
            var bytes = i % 10 == 0 ? RandomBytes(_random.Next(200)) : MutatedFrames();
            await new MasterConnection(new ScriptStream(bytes), master.Queues, master.Log).RunAsync().WaitAsync(MasterFixture.Limit);
            while (master.Log.Exceptions.TryDequeue(out var exception))
            {
                rejected++;
                if (exception is not InvalidDataException)
                {
                    Assert.Fail($"Case {i}, {Convert.ToHexString(bytes)}: {exception}");
                }
            }
        }

        Assert.That(rejected, Is.InRange(Cases / 10, Cases - (Cases / 10)), "valid and invalid bytes were tried");
        await AssertItemPassesAsync(master);
    }

    [TestCase(0, TestName = "Settlement_0_is_rejected")]
    [TestCase(5, TestName = "Settlement_after_the_last_is_rejected")]
    [TestCase(255, TestName = "Settlement_255_is_rejected")]
    public void Invalid_settlement_is_rejected(byte settlement) => Assert.That(
        () => Requests.ReadSettle(new FieldReader([.. new byte[8], settlement, .. new byte[8]])), Throws.TypeOf<InvalidDataException>());

    [TestCase(-1)]
    [TestCase(int.MinValue)]
    public void Negative_grant_is_rejected(int count) =>
        Assert.That(() => Requests.ReadGrant(new FieldReader(BitConverter.GetBytes(count))), Throws.TypeOf<InvalidDataException>());

    [Test]
    public async Task Grants_whose_sum_overflows_cause_no_error()
    {
        await using var master = new MasterFixture(new CotyledonQueueOptions());
        var (_, port) = await master.OpenAsync();
        port.Grant(int.MaxValue);
        port.Grant(int.MaxValue);

        port.Flush();
        await port.GetStatisticsAsync(default).WaitAsync(MasterFixture.Limit);
        Assert.That(() => master.Broker.Pump(), Throws.Nothing);
        Assert.That(master.Log.Exceptions, Is.Empty);
    }

    [Test]
    public async Task Queue_number_that_is_opened_twice_ends_the_connection()
    {
        await using var master = new MasterFixture(new CotyledonQueueOptions());
        var open = ValidFrames()[0];
        await new MasterConnection(new ScriptStream([.. open, .. open]), master.Queues, master.Log).RunAsync();

        Assert.That(master.Log.Exceptions.Single().Message, Is.EqualTo("A worker opened queue number 1 twice."));
    }

    /// <summary>Reads items until its own one arrives; those of earlier connections come first.</summary>
    private static async Task AssertItemPassesAsync(MasterFixture master)
    {
        var (_, port) = await master.OpenAsync();
        var reader = new QueueReader(port, 10, TimeProvider.System);
        reader.Begin();
        var adding = port.EnqueueAsync([new byte[] { 4, 2 }], default);
        byte[] body;
        do
        {
            var arrival = await reader.TakeAsync(default, default).AsTask().WaitAsync(MasterFixture.Limit);
            reader.Settle(arrival.Id, Settlement.Complete, TimeSpan.Zero);
            body = arrival.Body.ToArray();
        }
        while (!body.SequenceEqual(new byte[] { 4, 2 }));

        await adding.WaitAsync(MasterFixture.Limit);
    }

    /// <summary>Valid frames of all kinds, starting with Open.</summary>
    private static byte[][] ValidFrames() =>
    [
        Frame(FrameKind.Open, f => f.Text("work")),
        Frame(FrameKind.Enqueue, f => f.Int32(1).Int32(2).Bytes([1, 2, 3]).Bytes([])),
        Frame(FrameKind.Grant, f => f.Int32(5)),
        Frame(FrameKind.Settle, f => f.Int64(1).Byte(2).Int64(TimeSpan.FromSeconds(1).Ticks)),
        Frame(FrameKind.GetStatistics, f => f.Int32(2)),
        Frame(FrameKind.GetDead, f => f.Int32(3).Int64(0).Int32(100)),
        Frame(FrameKind.RetryDead, f => f.Int32(4).Int32(2).Int64(1).Int64(2)),
        Frame(FrameKind.DeleteDead, f => f.Int32(5).Int32(2).Int64(1).Int64(2)),
        Frame(FrameKind.CancelEnqueue, f => f.Int32(1)),
        Frame(FrameKind.Grant, f => f.Int32(0)),
    ];

    private static byte[] Frame(FrameKind kind, Func<FrameWriter, FrameWriter> fill) =>
        fill(new FrameWriter().Begin((byte)kind).UInt16(1)).End().ToArray();

    /// <summary>The Open frame, and the others in random order; one of them is mutated, with a correct length or not.</summary>
    private byte[] MutatedFrames()
    {
        var frames = ValidFrames();
        _random.Shuffle(frames.AsSpan(1));
        var mutated = _random.Next(frames.Length);
        if (_random.Next(3) == 0)
        {
            frames[mutated] = Mutate(frames[mutated]);
        }
        else
        {
            byte[] rest = Mutate(frames[mutated][4..]);
            var length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, rest.Length);
            frames[mutated] = [.. length, .. rest];
        }

        return [.. frames.SelectMany(f => f)];
    }

    private byte[] Mutate(byte[] valid)
    {
        var bytes = valid.ToList();
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            var at = _random.Next(bytes.Count + 1);
            switch (_random.Next(4))
            {
                case 0:
                    bytes.Insert(at, Interesting[_random.Next(Interesting.Length)]);
                    break;
                case 1 when at < bytes.Count:
                    bytes.RemoveAt(at);
                    break;
                case 2 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 3 when at < bytes.Count:
                    bytes[at] = Interesting[_random.Next(Interesting.Length)];
                    break;
            }
        }

        return [.. bytes];
    }

    private byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A worker that sends these bytes and disconnects.</summary>
    private sealed class ScriptStream(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;
    }
}
