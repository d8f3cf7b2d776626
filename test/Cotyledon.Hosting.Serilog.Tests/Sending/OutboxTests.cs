using System.Diagnostics;
using System.Net.Sockets;
using Cotyledon.Hosting.Processes;
using Cotyledon.Hosting.Serilog.Sending;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Serilog.Tests.Sending;

public class OutboxTests
{
    private const long Plenty = long.MaxValue / 4;

    private readonly FakePort _port = new();
    private LogIdentity _identity = new(812);

    [Test]
    public void An_event_is_sent_with_the_identity_and_definitions_before_Send_returns()
    {
        var outbox = Create();
        _port.Allow(Plenty);
        outbox.Send(Some.Event());
        outbox.Send(Some.Event());

        Assert.That(
            _port.Frames.Select(f => f.Kind),
            Is.EqualTo(new[] { FrameKind.Identity, FrameKind.Define, FrameKind.Event, FrameKind.Event }));
    }

    [Test]
    public void A_new_identity_is_sent_before_its_first_event()
    {
        var outbox = Create();
        _port.Allow(Plenty);
        outbox.Send(Some.Event());
        _identity = new LogIdentity("Poller", 3, 1, 812);
        outbox.Send(Some.Event());

        Assert.That(_port.Frames.Select(f => f.Kind).TakeLast(2), Is.EqualTo(new[] { FrameKind.Identity, FrameKind.Event }));
    }

    [Test]
    public void All_events_arrive_for_partial_writes_of_any_size([Values(1, 7, 100)] int room)
    {
        var outbox = Create();
        for (var i = 0; i < 200; i++)
        {
            outbox.Send(Some.Event(("Number", i)));
            _port.Allow(room);
        }

        _port.Allow(Plenty);
        Assert.That(outbox.Flush(TimeSpan.FromSeconds(30)), Is.Zero);
        Assert.That((_port.Events, _port.Lost), Is.EqualTo((200, 0)));
    }

    [Test]
    public void Events_that_do_not_fit_are_lost_and_their_count_is_sent_when_there_is_room()
    {
        var outbox = Create(events: 10);
        for (var i = 0; i < 100; i++)
        {
            outbox.Send(Some.Event(("Number", i)));
        }

        Assert.That(outbox.Flush(TimeSpan.Zero), Is.EqualTo(10));
        _port.Allow(Plenty);
        Assert.That(outbox.Flush(TimeSpan.FromSeconds(30)), Is.Zero);
        Some.Eventually(() => _port.Lost == 90);
        Assert.That(_port.Events, Is.EqualTo(10));
    }

    [Test]
    public void A_flush_continues_while_bytes_are_accepted_and_times_out_otherwise()
    {
        var outbox = Create();
        for (var i = 0; i < 50; i++)
        {
            outbox.Send(Some.Event());
        }

        using var slow = new Timer(_ => _port.Allow(40), null, 0, 10);
        Assert.That(outbox.Flush(TimeSpan.FromSeconds(60)), Is.Zero);
        Assert.That(_port.Events, Is.EqualTo(50));

        slow.Change(Timeout.Infinite, Timeout.Infinite);
        for (var i = 0; i < 50; i++)
        {
            outbox.Send(Some.Event(("Number", i)));
        }

        Assert.That(outbox.Flush(TimeSpan.FromMilliseconds(30)), Is.GreaterThan(0));
    }

    [Test]
    public void The_count_of_lost_events_is_sent_without_a_flush_too()
    {
        var outbox = Create(events: 1);
        for (var i = 0; i < 5; i++)
        {
            outbox.Send(Some.Event());
        }

        _port.Allow(Plenty);
        Some.Eventually(() => _port.Lost == 4);
        Assert.That(_port.Events, Is.EqualTo(1));
    }

    [Test]
    public void The_buffer_is_limited_in_bytes_but_a_single_event_always_fits()
    {
        var outbox = Create(bytes: 10_000);
        var large = new string('x', 20_000);
        outbox.Send(Some.Event(("Large", large)));
        outbox.Send(Some.Event(("Large", large)));

        _port.Allow(Plenty);
        Assert.That(outbox.Flush(TimeSpan.FromSeconds(30)), Is.Zero);
        Some.Eventually(() => _port.Lost == 1);
        Assert.That(_port.Events, Is.EqualTo(1));
    }

    [Test]
    public void A_text_whose_first_event_is_lost_is_defined_with_the_next_event()
    {
        var outbox = Create(events: 1);
        outbox.Send(Some.Event());
        outbox.Send(Some.Event("Another", null));
        _port.Allow(Plenty);
        Assert.That(outbox.Flush(TimeSpan.FromSeconds(30)), Is.Zero);
        outbox.Send(Some.Event("Another", null));

        Some.Eventually(() => _port.Events == 2);
        Assert.That(_port.Frames.Count(f => f.Kind == FrameKind.Define), Is.EqualTo(2));
    }

    [Test]
    public void Without_a_thread_queued_events_are_sent_with_the_next_event()
    {
        var outbox = new Outbox(_port, new OutboxLimits(1, Plenty), () => _identity, _ => throw new InsufficientMemoryException());
        outbox.Send(Some.Event());
        outbox.Send(Some.Event());
        Assert.That(_port.Events, Is.Zero);

        _port.Allow(Plenty);
        outbox.Send(Some.Event());

        Assert.That((_port.Events, _port.Lost), Is.EqualTo((2, 1)));
    }

    [Test]
    public void A_refused_thread_is_started_with_the_next_event()
    {
        var isRefused = true;
        var outbox = new Outbox(_port, new OutboxLimits(1000, Plenty), () => _identity, run =>
        {
            if (isRefused)
            {
                throw new InsufficientMemoryException();
            }

            new Thread(run) { IsBackground = true }.Start();
        });
        outbox.Send(Some.Event());
        isRefused = false;
        outbox.Send(Some.Event());
        _port.Allow(Plenty);

        Some.Eventually(() => _port.Events == 2);
    }

    [Test]
    public void On_a_broken_connection_nothing_blocks_and_nothing_is_buffered()
    {
        var outbox = Create(events: 10);
        for (var i = 0; i < 100; i++)
        {
            outbox.Send(Some.Event());
        }

        _port.Break();
        Assert.That(outbox.Flush(TimeSpan.FromSeconds(30)), Is.Zero);
        outbox.Send(Some.Event());
        outbox.Ask("Category");
        Assert.That(_port.Frames, Is.Empty);
    }

    [Test]
    public void A_value_may_log_while_it_is_serialized()
    {
        var outbox = Create();
        _port.Allow(Plenty);
        outbox.Send(Some.Event(("Value", new LoggingValue(() => outbox.Send(Some.Event("Inner", null))))));

        Assert.That(_port.Events, Is.EqualTo(2));
    }

    [Test]
    public void All_events_of_several_threads_arrive()
    {
        var outbox = Create(events: 100_000);
        var threads = Enumerable.Range(0, 4).Select(t => new Thread(() =>
        {
            for (var i = 0; i < 5000; i++)
            {
                outbox.Send(Some.Event($"Template {i % 100}", null, ($"Thread{t}", i)));
                _port.Allow(50);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());

        _port.Allow(Plenty);
        Assert.That(outbox.Flush(TimeSpan.FromSeconds(30)), Is.Zero);
        Assert.That((_port.Events, _port.Lost), Is.EqualTo((20_000, 0)));
    }

    [Test, Platform("Unix")]
    public void A_full_socket_does_not_block_the_logging_thread_and_loses_no_event_that_fits()
    {
        var (ours, theirs) = Libc.SocketPair();
        using var worker = ToSocket(ours);
        using var master = ToSocket(theirs);
        var outbox = new Outbox(new SocketPort(worker), new OutboxLimits(50_000, Plenty), () => _identity);
        var begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < 20_000; i++)
        {
            outbox.Send(Some.Event(("Number", i)));
        }

        Assert.That(Stopwatch.GetElapsedTime(begin), Is.LessThan(TimeSpan.FromSeconds(60)), "a full socket must not block the logging thread");
        var events = 0;
        var splitter = new FrameSplitter(Limits.MaxFrame, (kind, _) => events += (FrameKind)kind == FrameKind.Event ? 1 : 0);
        var buffer = new byte[100_000];
        while (events < 20_000)
        {
            splitter.Feed(buffer.AsSpan(0, master.Receive(buffer)));
        }

        Assert.That(outbox.Flush(TimeSpan.FromSeconds(30)), Is.Zero);
    }

    internal static Socket ToSocket(int descriptor) => new(new SafeSocketHandle(descriptor, ownsHandle: true));

    private Outbox Create(int events = 1000, long bytes = Plenty) => new(_port, new OutboxLimits(events, bytes), () => _identity);

    private sealed class LoggingValue(Action log)
    {
        public override string ToString()
        {
            log();
            return "text";
        }
    }
}
