using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Tests.Channel;

internal sealed class FrameReaderTests
{
    private static readonly byte[] AllFrames = [.. FrameCodecTests.Frames.SelectMany(FrameCodecTests.Write)];

    private readonly List<Frame> _frames = [];
    private readonly FrameReader _reader;

    public FrameReaderTests() => _reader = new FrameReader(_frames.Add);

    [SetUp]
    public void SetUp() => _frames.Clear();

    [Test]
    public void Frames_that_arrive_together_are_taken_one_by_one()
    {
        Assert.That(Feed(AllFrames), Is.EqualTo(FrameCodecTests.Frames));
    }

    [Test]
    public void Frames_split_at_any_position_are_reassembled()
    {
        for (var cut = 0; cut <= AllFrames.Length; cut++)
        {
            Frame[] frames = [.. Feed(AllFrames.AsSpan(0, cut)), .. Feed(AllFrames.AsSpan(cut))];

            Assert.That(frames, Is.EqualTo(FrameCodecTests.Frames), $"split at {cut}");
        }
    }

    [Test]
    public void Frames_that_arrive_byte_by_byte_are_reassembled()
    {
        var frames = AllFrames.SelectMany(b => Feed([b])).ToList();

        Assert.That(frames, Is.EqualTo(FrameCodecTests.Frames));
    }

    [Test]
    public void Frames_of_the_largest_size_are_read()
    {
        var longest = FrameCodecTests.Write(new Frame.Leaving(WorkerExitReason.Faulted, new string('✓', 2000)));
        byte[] stream = [.. Enumerable.Repeat(longest, 20).SelectMany(f => f)];

        Assert.That(Feed(stream), Has.Count.EqualTo(20));
    }

    [Test]
    public void Frames_of_unknown_kinds_are_skipped()
    {
        byte[] unknown = [4, 0, 0, 0, 200, 1, 2, 3];

        byte[] known = FrameCodecTests.Write(new Frame.Ready());

        Assert.That(Feed([.. unknown, .. known, .. unknown]), Is.EqualTo(new[] { new Frame.Ready() }));
    }

    [TestCase("Hello, I am something else.\n")]
    [TestCase("\u0001\u7fff")]
    public void Data_of_another_protocol_is_rejected(string garbage)
    {
        Assert.That(() => Feed(System.Text.Encoding.UTF8.GetBytes(garbage)), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void A_length_beyond_the_maximum_is_rejected_before_the_frame_is_complete()
    {
        var length = Protocol.MaxFrameSize - FrameSplitter.LengthSize + 1;

        Assert.That(
            () => Feed(BitConverter.GetBytes(length)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains($"{length}"));
    }

    private List<Frame> Feed(ReadOnlySpan<byte> bytes)
    {
        _frames.Clear();
        _reader.Feed(bytes);
        return [.. _frames];
    }
}
