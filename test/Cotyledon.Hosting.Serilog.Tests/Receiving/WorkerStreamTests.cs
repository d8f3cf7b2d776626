using System.Globalization;
using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Receiving;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Time.Testing;
using Serilog;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Tests.Receiving;

/// <summary>The processing of the bytes of one worker in the master.</summary>
internal sealed class WorkerStreamTests : IDisposable
{
    private readonly Collector _written = new();
    private readonly RecordedLosses _losses = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly EventWriter _writer = new();
    private readonly TextNumbers _numbers = new();
    private readonly global::Serilog.Core.Logger _log;
    private readonly WorkerStream _stream;

    public WorkerStreamTests()
    {
        _log = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(_written).CreateLogger();
        _stream = new WorkerStream(new LevelTable(_log), new TemplateCache(), _losses, _clock);
    }

    public void Dispose() => _log.Dispose();

    private static readonly TestCaseData[] BadFrames =
    [
        new TestCaseData(new FrameWriter().Begin((FrameKind)77).End().ToArray()).SetArgDisplayNames("unknown kind"),
        new TestCaseData(new FrameWriter().Begin(FrameKind.Levels).End().ToArray()).SetArgDisplayNames("kind of the master"),
        new TestCaseData(new FrameWriter().Begin(FrameKind.Event).End().ToArray()).SetArgDisplayNames("empty event"),
        new TestCaseData(new FrameWriter().Begin(FrameKind.Event).Byte(6).End().ToArray()).SetArgDisplayNames("level"),
        new TestCaseData(Event().Int64(-1).VarSigned(0).End().ToArray()).SetArgDisplayNames("time before the first"),
        new TestCaseData(Event().Int64(0).VarSigned(long.MaxValue).End().ToArray()).SetArgDisplayNames("offset that overflows"),
        new TestCaseData(Event().Int64(0).VarSigned(60).End().ToArray()).SetArgDisplayNames("time before the first in UTC"),
        new TestCaseData(WithProperty(w => w.Byte(0).VarText(" ").Byte((byte)ValueKind.Null))).SetArgDisplayNames("blank name"),
        new TestCaseData(WithProperty(w => w.Byte(7))).SetArgDisplayNames("unknown number"),
        new TestCaseData(WithValue(w => w.Byte(255))).SetArgDisplayNames("kind of value"),
        new TestCaseData(WithValue(w => w.Byte((byte)ValueKind.DateTime).Int64(0).Byte(3))).SetArgDisplayNames("kind of time"),
        new TestCaseData(WithValue(w => w.Byte((byte)ValueKind.DateOnly).VarNumber(uint.MaxValue))).SetArgDisplayNames("date"),
        new TestCaseData(WithValue(w => w.Byte((byte)ValueKind.TimeOnly).VarNumber(ulong.MaxValue))).SetArgDisplayNames("time"),
        new TestCaseData(WithValue(w => w.Byte((byte)ValueKind.Decimal).VarNumber(1).VarNumber(1).VarNumber(1).VarNumber(1))).SetArgDisplayNames("decimal"),
        new TestCaseData(WithValue(w => w.Byte((byte)ValueKind.Int32).VarSigned(long.MaxValue))).SetArgDisplayNames("too large for int"),
        new TestCaseData(new FrameWriter().Begin(FrameKind.Define).VarNumber(0).VarText("x").End().ToArray()).SetArgDisplayNames("number 0"),
        new TestCaseData(new FrameWriter().Begin(FrameKind.Define).VarNumber(1).VarText(new string('x', 2000)).End().ToArray()).SetArgDisplayNames("long text"),
        new TestCaseData(new FrameWriter().Begin(FrameKind.Identity).VarText("Poller").VarSigned(-1).VarSigned(1).VarSigned(1).End().ToArray()).SetArgDisplayNames("id"),
        new TestCaseData(new FrameWriter().Begin(FrameKind.Identity).VarText("P\u001b[2J").VarSigned(1).VarSigned(1).VarSigned(1).End().ToArray())
            .SetArgDisplayNames("control characters in the name"),
        new TestCaseData(new FrameWriter().Begin(FrameKind.Lost).VarNumber(ulong.MaxValue).End().ToArray()).SetArgDisplayNames("dropped"),
    ];

    [TestCaseSource(nameof(BadFrames))]
    public void An_unreadable_frame_is_skipped_and_counted_and_later_ones_are_written(byte[] bad)
    {
        Assert.That(_stream.Feed([.. Write("before"), .. bad, .. Write("after")]));

        Assert.That(_written.Events.Select(e => e.MessageTemplate.Text), Is.EqualTo(new[] { "before", "after" }));
        Assert.That(_losses.Unreadable.Select(u => (u.Count, u.Error.GetType())), Is.EqualTo(new[] { (1L, typeof(InvalidDataException)) }));
        Assert.That(_losses.Closed, Is.Empty);
    }

    [Test]
    public void An_unreadable_frame_that_arrives_in_pieces_is_skipped_too()
    {
        byte[] bytes = [.. Write("before"), .. WithProperty(w => w.Byte(7)), .. Write("after")];
        foreach (var piece in bytes.Chunk(3))
        {
            Assert.That(_stream.Feed(piece));
        }

        Assert.That(_written.Events.Select(e => e.MessageTemplate.Text), Is.EqualTo(new[] { "before", "after" }));
    }

    [Test]
    public void Unreadable_frames_are_reported_at_once_and_then_once_a_minute_and_at_the_end()
    {
        byte[] bad = new FrameWriter().Begin((FrameKind)77).End().ToArray();
        for (var i = 0; i < 120; i++)
        {
            _stream.Feed(bad);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        _stream.Close();
        _stream.Close();

        Assert.That(_losses.Unreadable.Select(u => u.Count), Is.EqualTo(new[] { 1, 60, 59 }));
    }

    [TestCase(new byte[] { 0, 0, 0, 0, 4 })]
    [TestCase(new byte[] { 255, 255, 255, 255, 4 })]
    [TestCase(new byte[] { 1, 0, 4, 0, 4 })]
    public void A_length_out_of_range_ends_the_stream_and_is_reported(byte[] bad)
    {
        Assert.That(_stream.Feed([.. Write("before"), .. bad]), Is.False);

        Assert.That(_written.Events.Select(e => e.MessageTemplate.Text), Is.EqualTo(new[] { "before" }));
        Assert.That(_losses.Closed, Has.Count.EqualTo(1));
    }

    [Test]
    public void An_exception_of_a_sink_loses_no_later_frame()
    {
        using var log = new LoggerConfiguration().AuditTo.Sink(new Throwing()).CreateLogger();
        var stream = new WorkerStream(new LevelTable(log), new TemplateCache(), _losses, _clock);

        Assert.That(stream.Feed([.. Write("one"), .. Write("two")]));
        Assert.That(_losses.Unreadable, Is.Empty);
    }

    [TestCase("{A,1000000000}")]
    [TestCase("{A,-1000000000}")]
    [TestCase("{A:D1000000000}")]
    [TestCase("{A:N999999999}")]
    [TestCase("{A:x99999999999999999999}")]
    public void A_template_with_a_huge_width_or_precision_is_written_as_text(string template)
    {
        _stream.Feed(Write(template, ("A", 1)));

        Assert.That(_written.Events.Single().RenderMessage(CultureInfo.InvariantCulture), Is.EqualTo(template));
    }

    [TestCase("{A,20}|{A:D10}|{A:00000000}", "                   1|0000000001|00000001")]
    public void Ordinary_alignments_and_formats_are_applied(string template, string text)
    {
        _stream.Feed(Write(template, ("A", 1)));

        Assert.That(_written.Events.Single().RenderMessage(CultureInfo.InvariantCulture), Is.EqualTo(text));
    }

    /// <summary>Everything that the master decodes of a worker's log: identity, texts, categories, events, losses.</summary>
    [Test]
    public void Random_and_mutated_frames_are_rejected_only_with_InvalidDataException()
    {
        var random = new Random(15);
        _stream.Feed(Sample());
        byte[][] good =
        [
            Sample(), // Without definitions: all of its texts are defined by now.
            new FrameWriter().Begin(FrameKind.Define).VarNumber(7).VarText("text").End().ToArray(),
            new FrameWriter().Begin(FrameKind.Identity).VarText("Poller").VarSigned(3).VarSigned(1).VarSigned(812).End().ToArray(),
            new FrameWriter().Begin(FrameKind.Category).VarText("Some.Category").End().ToArray(),
            new FrameWriter().Begin(FrameKind.Lost).VarNumber(40).End().ToArray(),
        ];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20_000; i++)
        {
            Assert.That(_stream.Feed(i % 4 == 0 ? RandomFrame(random) : Mutated(good[random.Next(good.Length)], random)), Is.True);
            _clock.Advance(UnreadableFrames.ReportInterval);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(_losses.Unreadable.Select(u => u.Error).Where(e => e is not InvalidDataException), Is.Empty);
        Assert.That(_losses.Unreadable, Has.Count.GreaterThan(5_000));
        Assert.That(_losses.Dropped.Select(d => d.Count), Has.All.InRange(0, (long)Limits.MaxDropped));
        Assert.That(allocated / 20_000, Is.LessThan(100_000), "bytes for each case");
    }

    private byte[] Sample() => Write(
        "T {A} {@B}",
        ("A", new SequenceValue([new ScalarValue(1.5m), new ScalarValue(Some.Time), new ScalarValue('x')])),
        ("B", new StructureValue([new("C", new ScalarValue(Guid.Empty))], "Tag")),
        ("D", new DictionaryValue([new(new ScalarValue(1), new ScalarValue(DateTime.UnixEpoch))])),
        ("E", DateOnly.MaxValue),
        ("F", TimeOnly.MaxValue),
        ("G", 1f),
        ("H", TimeSpan.MinValue));

    private static byte[] RandomFrame(Random random)
    {
        var frame = new byte[FrameSplitter.HeaderSize + random.Next(200)];
        random.NextBytes(frame);
        frame[FrameSplitter.LengthSize] = (byte)random.Next(1, 7);
        BitConverter.TryWriteBytes(frame, frame.Length - FrameSplitter.LengthSize);
        return frame;
    }

    /// <summary>A frame with a few changed bytes, sometimes truncated, with a correct length.</summary>
    private static byte[] Mutated(byte[] good, Random random)
    {
        var bad = good[..random.Next(FrameSplitter.HeaderSize, good.Length + 1)];
        for (var changes = random.Next(1, 5); changes > 0 && bad.Length > FrameSplitter.HeaderSize; changes--)
        {
            bad[random.Next(FrameSplitter.HeaderSize, bad.Length)] = (byte)random.Next(256);
        }

        BitConverter.TryWriteBytes(bad, bad.Length - FrameSplitter.LengthSize);
        return bad;
    }

    private byte[] Write(string template, params (string Name, object? Value)[] properties)
    {
        var frame = _writer.Write(Some.Event(template, null, properties), _numbers, identity: null).ToArray();
        byte[] all = [.. _writer.Undefined.SelectMany(Define), .. frame];
        return all;

        static byte[] Define(NumberedText text)
        {
            text.IsDefined = true;
            return new FrameWriter().Begin(FrameKind.Define).VarNumber((ulong)text.Number).VarText(text.Text).End().ToArray();
        }
    }

    /// <summary>An event up to its time.</summary>
    private static FrameWriter Event() => new FrameWriter().Begin(FrameKind.Event).Byte(2);

    private static byte[] WithProperty(Action<FrameWriter> property)
    {
        var frame = Event().Int64(0).VarSigned(0).Byte(0).Byte(0).Byte(0).VarText("T");
        var position = frame.ReserveCount();
        property(frame);
        frame.SetCount(position, 1);
        return frame.End().ToArray();
    }

    private static byte[] WithValue(Action<FrameWriter> value) => WithProperty(frame =>
    {
        frame.Byte(0).VarText("A");
        value(frame);
    });

    private sealed class Throwing : global::Serilog.Core.ILogEventSink
    {
        public void Emit(LogEvent logEvent) => throw new NotSupportedException();
    }
}
