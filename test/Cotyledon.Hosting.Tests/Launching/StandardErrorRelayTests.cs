using Cotyledon.Hosting.Launching;

namespace Cotyledon.Hosting.Tests.Launching;

internal sealed class StandardErrorRelayTests
{
    private const int Megabyte = 1024 * 1024;

    private readonly BlockableStream _target = new();
    private readonly SemaphoreSlim _roomCalls = new(0);
    private StandardErrorRelay _relay = null!;

    [SetUp]
    public void SetUp() => _relay = new StandardErrorRelay(_target, () => _roomCalls.Release());

    [TearDown]
    public void TearDown()
    {
        _target.Unblock();
        _relay.Dispose();
        _roomCalls.Dispose();
    }

    [Test]
    public void Output_of_workers_is_written_in_order()
    {
        _target.Unblock();

        _relay.Write("one\n"u8);
        _relay.Write("two\n"u8);
        _relay.Dispose();

        Assert.That(() => _target.Written, Is.EqualTo("one\ntwo\n"u8.ToArray()).After(10_000, 10));
    }

    [Test]
    public void A_blocked_target_does_not_block_writers_and_the_buffer_is_bounded()
    {
        BlockTheThread();
        for (var i = 0; i < 100; i++)
        {
            _relay.Write(new byte[Megabyte / 10]);
        }

        Assert.That(_relay.HasRoom, Is.False);
        _target.Unblock();
        _relay.Write("x"u8);
        _relay.Dispose();
        Assert.That(_target.Written, Has.Length.LessThan(3 * Megabyte));
    }

    [Test]
    public void There_is_room_until_a_megabyte_is_buffered()
    {
        BlockTheThread();
        _relay.Write(new byte[Megabyte - 1]);
        Assert.That(_relay.HasRoom);

        _relay.Write("x"u8);
        Assert.That(_relay.HasRoom, Is.False);
    }

    [Test]
    public void Room_is_announced_when_it_becomes_available_again()
    {
        BlockTheThread();
        _relay.Write(new byte[Megabyte]);
        Assert.That(_roomCalls.CurrentCount, Is.Zero);

        _target.Unblock();
        _roomCalls.Wait();

        Assert.That(_relay.HasRoom);
    }

    [TestCase(typeof(IOException), Description = "a closed pipe, a full disk")]
    [TestCase(typeof(UnauthorizedAccessException), Description = "a file that has become immutable")]
    [TestCase(typeof(ArgumentOutOfRangeException), Description = "the largest size of a file")]
    public void A_target_that_cannot_be_written_causes_no_error(Type error)
    {
        _target.Error = (Exception)Activator.CreateInstance(error)!;
        _target.Unblock();
        _relay.Write("lost"u8);
        _relay.Write(new byte[Megabyte]);

        _roomCalls.Wait();

        Assert.That(_relay.HasRoom);
    }

    /// <summary>Blocks the thread of the relay in a write.</summary>
    private void BlockTheThread()
    {
        _relay.Write("."u8);
        _target.Entered.Wait();
    }

    private sealed class BlockableStream : MemoryStream
    {
        private readonly Lock _gate = new();
        private readonly ManualResetEventSlim _open = new();

        public ManualResetEventSlim Entered { get; } = new();

        public Exception? Error { get; set; }

        public byte[] Written
        {
            get
            {
                lock (_gate)
                {
                    return ToArray();
                }
            }
        }

        public void Unblock() => _open.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Entered.Set();
            _open.Wait();
            if (Error is { } error)
            {
                throw error;
            }

            lock (_gate)
            {
                base.Write(buffer);
            }
        }
    }
}
