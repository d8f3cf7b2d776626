using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Serilog.Tests.Wire;

public class FrameSplitterTests
{
    private readonly List<string> _frames = [];
    private readonly FrameSplitter _splitter;

    public FrameSplitterTests() => _splitter = new FrameSplitter(Limits.MaxFrame, (kind, fields) => _frames.Add($"{(FrameKind)kind} {fields.VarText()}"));

    [Test]
    public void Frames_are_found_for_chunks_of_any_size([Range(1, 40)] int size)
    {
        var bytes = Frame("one").Concat(Frame("")).Concat(Frame("three, which is longer than the others")).ToArray();
        foreach (var part in bytes.Chunk(size))
        {
            _splitter.Feed(part);
        }

        Assert.That(_frames, Is.EqualTo(new[] { "Category one", "Category ", "Category three, which is longer than the others" }));
    }

    [Test]
    public void The_largest_frame_is_accepted_and_a_larger_one_is_rejected()
    {
        var large = new byte[Limits.MaxFrame + FrameSplitter.LengthSize];
        BitConverter.TryWriteBytes(large, Limits.MaxFrame);
        var frames = 0;
        new FrameSplitter(Limits.MaxFrame, (_, _) => frames++).Feed(large);
        Assert.That(frames, Is.EqualTo(1));

        BitConverter.TryWriteBytes(large, Limits.MaxFrame + 1);
        Assert.That(() => _splitter.Feed(large), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => new FrameSplitter(Limits.MaxFrame, (_, _) => { }).Feed([0, 0, 0, 0, 1]), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => new FrameSplitter(Limits.MaxFrame, (_, _) => { }).Feed([255, 255, 255, 255, 1]), Throws.TypeOf<InvalidDataException>());
    }

    private static byte[] Frame(string text) => new FrameWriter().Begin(FrameKind.Category).VarText(text).End().ToArray();
}
