using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Tests.Channel;

internal sealed class FrameCodecTests
{
    /// <summary>Every frame, with the extremes of its fields.</summary>
    internal static readonly Frame[] Frames =
    [
        new Frame.Hello(Protocol.Version, Guid.Parse("01234567-89ab-cdef-0123-456789abcdef")),
        new Frame.Hello(ushort.MaxValue, Guid.Empty),
        new Frame.Ready(),
        new Frame.Idle(),
        new Frame.Leaving(WorkerExitReason.Faulted, "System.Exception: größer ✓ 🎉"),
        new Frame.Leaving(WorkerExitReason.Stopped, ""),
        new Frame.ReplaceMe(),
        new Frame.CannotReload(),
        new Frame.Assign(
            "Poller", 3, 10_000, 7, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), WaitForMarkReady: true),
        new Frame.Assign("", 0, 0, int.MaxValue, TimeSpan.Zero, Timeout.InfiniteTimeSpan, OptionLimits.MaxTime, WaitForMarkReady: false),
        new Frame.Assign("Poller", 3, 10, 7, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, WaitForMarkReady: false) { LeaseEnd = long.MaxValue },
        new Frame.Stop(),
        new Frame.Update(0, TimeSpan.Zero, TimeSpan.Zero),
        new Frame.Update(OptionLimits.MaxWorkers, OptionLimits.MaxTime, TimeSpan.FromSeconds(1)),
        new Frame.Reload(),
        new Frame.Reloaded(),
        new Frame.Alive(),
        new Frame.ReloadMe(),
        new Frame.ShutDown(0),
        new Frame.ShutDown(255),
        new Frame.ConfigurationPart(IsLast: true, ReadOnlyMemory<byte>.Empty),
        new Frame.ConfigurationPart(IsLast: false, new byte[Protocol.MaxPartSize]),
    ];

    [TestCaseSource(nameof(Frames))]
    public void A_frame_is_read_as_it_was_written(object frame)
    {
        var bytes = Write((Frame)frame);

        Assert.That(Read(bytes), Is.EqualTo(frame));
    }

    [TestCaseSource(nameof(Frames))]
    public void A_truncated_frame_is_rejected(object frame)
    {
        var bytes = Write((Frame)frame);

        for (var length = FrameSplitter.HeaderSize; length < bytes.Length; length++)
        {
            Assert.That(() => Read(bytes[..length]), Throws.TypeOf<InvalidDataException>(), $"{length} bytes");
        }
    }

    [TestCaseSource(nameof(Frames))]
    public void Fields_that_a_later_version_adds_are_ignored(object frame)
    {
        var bytes = Write((Frame)frame);

        Assert.That(Read([.. bytes, 1, 2, 3]), Is.EqualTo(frame));
    }

    [Test]
    public void Every_kind_of_frame_is_in_the_table()
    {
        var kinds = typeof(Frame).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(Frame)));

        Assert.That(Frames.Select(f => f.GetType()).Distinct(), Is.EquivalentTo(kinds));
    }

    [Test]
    public void The_header_is_the_length_and_the_kind()
    {
        Assert.That(Write(new Frame.ConfigurationPart(true, new byte[] { 8, 9 })), Is.EqualTo(new byte[] { 11, 0, 0, 0, 69, 1, 0, 0, 0, 2, 0, 0, 0, 8, 9 }));
    }

    [TestCase(0)]
    [TestCase(64)]
    [TestCase(255)]
    public void An_unknown_kind_is_read_as_null(byte kind)
    {
        Assert.That(FrameCodec.Read(kind, new FieldReader([1, 2, 3])), Is.Null);
    }

    [TestCase('x')]
    [TestCase('ß')]
    [TestCase('✓')]
    public void A_text_that_is_too_long_is_truncated_to_the_limit(char letter)
    {
        var bytes = Write(new Frame.Leaving(WorkerExitReason.Faulted, new string(letter, 100_000)));

        var frame = (Frame.Leaving)Read(bytes)!;
        Assert.That(bytes, Has.Length.LessThanOrEqualTo(Protocol.MaxFrameSize));
        Assert.That(frame.Detail, Is.EqualTo(new string(letter, Protocol.MaxTextLength)));
    }

    [Test]
    public void A_text_truncated_within_a_surrogate_pair_still_fits()
    {
        var text = "x" + string.Concat(Enumerable.Repeat("🎉", Protocol.MaxTextLength));
        var bytes = Write(new Frame.Leaving(WorkerExitReason.Faulted, text));

        var frame = (Frame.Leaving)Read(bytes)!;
        Assert.That(frame.Detail, Does.StartWith("x🎉").And.Length.EqualTo(Protocol.MaxTextLength));
    }

    [Test]
    public void The_largest_assignment_fits()
    {
        var frame = new Frame.Assign(
            new string('✓', Protocol.MaxTextLength), int.MaxValue, int.MaxValue, int.MaxValue, TimeSpan.MaxValue,
            TimeSpan.MaxValue, TimeSpan.MaxValue, WaitForMarkReady: true);

        Assert.That(Write(frame), Has.Length.LessThanOrEqualTo(Protocol.MaxFrameSize));
    }

    [Test]
    public void A_text_with_a_negative_length_is_rejected()
    {
        byte[] fields = [4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];

        Assert.That(() => FrameCodec.Read(kind: 4, new FieldReader(fields)), Throws.TypeOf<InvalidDataException>());
    }

    private static readonly Frame[] Invalid =
    [
        new Frame.Leaving((WorkerExitReason)(-1), ""),
        new Frame.Leaving((WorkerExitReason)(Enum.GetValues<WorkerExitReason>().Length), ""),
        new Frame.Leaving((WorkerExitReason)int.MaxValue, ""),
        Assign() with { WorkerId = -1 },
        Assign() with { WorkerId = int.MaxValue },
        Assign() with { WorkerCount = -1 },
        Assign() with { WorkerCount = OptionLimits.MaxWorkers + 1 },
        Assign() with { Incarnation = -1 },
        Assign() with { GracefulTimeout = TimeSpan.FromTicks(-1) },
        Assign() with { LivenessTimeout = TimeSpan.MaxValue },
        Assign() with { HookTimeout = TimeSpan.MinValue },
        new Frame.Update(-1, TimeSpan.Zero, TimeSpan.Zero),
        new Frame.Update(1, TimeSpan.FromTicks(-1), TimeSpan.Zero),
        new Frame.Update(1, TimeSpan.Zero, OptionLimits.MaxTime + TimeSpan.FromTicks(1)),
    ];

    [TestCaseSource(nameof(Invalid))]
    public void An_invalid_value_is_rejected(object frame)
    {
        var bytes = Write((Frame)frame);

        Assert.That(() => Read(bytes), Throws.TypeOf<InvalidDataException>());
    }

    [TestCase(-1)]
    [TestCase(ushort.MaxValue + 1)]
    [TestCase(Protocol.Version + 65536)]
    public void A_version_out_of_range_is_rejected_and_not_truncated(int version)
    {
        var bytes = Write(new Frame.Hello(0, Guid.Empty));
        BitConverter.TryWriteBytes(bytes.AsSpan(FrameSplitter.HeaderSize), version);

        Assert.That(() => Read(bytes), Throws.TypeOf<InvalidDataException>());
    }

    private static Frame.Assign Assign() =>
        new("Poller", 0, 1, 1, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, WaitForMarkReady: false);

    /// <summary>Reads one frame, whose length is not looked at.</summary>
    internal static Frame? Read(byte[] frame) =>
        FrameCodec.Read(frame[FrameSplitter.LengthSize], new FieldReader(frame.AsSpan(FrameSplitter.HeaderSize)));

    internal static byte[] Write(Frame frame)
    {
        var writer = new FrameWriter();
        FrameCodec.Write(writer, frame);
        return writer.Written.ToArray();
    }
}
