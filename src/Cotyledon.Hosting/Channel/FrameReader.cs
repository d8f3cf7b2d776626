using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Channel;

/// <summary>Decodes the frames in the bytes of a channel. Frames of unknown kinds are skipped.</summary>
/// <param name="handle">Called for each frame, by <see cref="Feed"/>.</param>
internal sealed class FrameReader(Action<Frame> handle)
{
    private readonly FrameSplitter _splitter = new(Protocol.MaxFrameSize - FrameSplitter.LengthSize, (kind, fields) =>
    {
        if (FrameCodec.Read(kind, fields) is { } frame)
        {
            handle(frame);
        }
    });

    /// <summary>Adds the bytes that have arrived.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a valid frame.</exception>
    public void Feed(ReadOnlySpan<byte> bytes) => _splitter.Feed(bytes);
}
