using System.Buffers.Binary;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Finds the frames in the bytes of a stream, and keeps an incomplete frame until the rest arrives.</summary>
internal sealed class FrameSplitter(FrameSplitter.FrameHandler handle)
{
    private byte[] _kept = [];
    private int _keptLength;

    public delegate void FrameHandler(FrameKind kind, FrameFields fields);

    /// <exception cref="InvalidDataException">The length of a frame is out of range, so the start of the next frame is unknown.</exception>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (_keptLength > 0 && !bytes.IsEmpty)
        {
            bytes = Complete(bytes);
        }

        while (FrameSize(bytes) is > 0 and var size && size <= bytes.Length)
        {
            Handle(bytes[..size]);
            bytes = bytes[size..];
        }

        if (!bytes.IsEmpty)
        {
            Keep(bytes);
        }
    }

    /// <summary>Adds the missing bytes to the kept frame, and returns the others.</summary>
    private ReadOnlySpan<byte> Complete(ReadOnlySpan<byte> bytes)
    {
        var size = FrameSize(_kept.AsSpan(0, _keptLength));
        var missing = Math.Min((size > 0 ? size : Limits.LengthSize) - _keptLength, bytes.Length);
        Keep(bytes[..missing]);
        if (size > 0 && _keptLength == size)
        {
            // Reset before the handler is called: it may throw.
            var frame = _kept;
            (_kept, _keptLength) = ([], 0);
            Handle(frame.AsSpan(0, size));
        }

        return bytes[missing..];
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var length = _keptLength + bytes.Length;
        if (_kept.Length < length)
        {
            Array.Resize(ref _kept, Math.Max(length, FrameSize(_kept.AsSpan(0, _keptLength))));
        }

        bytes.CopyTo(_kept.AsSpan(_keptLength));
        _keptLength = length;
    }

    private void Handle(ReadOnlySpan<byte> frame) =>
        handle((FrameKind)frame[Limits.LengthSize], new FrameFields(frame[Limits.HeaderSize..]));

    /// <summary>Returns the size of a frame, or 0 if its length was not received yet.</summary>
    private static int FrameSize(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Limits.LengthSize)
        {
            return 0;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length is >= 1 and <= Limits.MaxFrame
            ? length + Limits.LengthSize
            : throw new InvalidDataException($"A frame of the log is not valid: it cannot have {length} bytes.");
    }
}
