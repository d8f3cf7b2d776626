using System.Buffers.Binary;

namespace Cotyledon.Hosting.Shared;

/// <summary>
/// Finds the frames in the bytes of a stream, and keeps an incomplete frame until the rest arrives. A frame has the length of the rest (4
/// bytes), its kind (1 byte) and its fields.
/// </summary>
/// <param name="maxLength">The largest length of kind and fields.</param>
/// <param name="handle">Called for each frame. The fields are valid during the call only.</param>
internal sealed class FrameSplitter(int maxLength, FrameSplitter.FrameHandler handle)
{
    /// <summary>The size of the first field of a frame: the length of the rest.</summary>
    public const int LengthSize = 4;

    /// <summary>The size of length and kind.</summary>
    public const int HeaderSize = LengthSize + 1;

    private byte[] _kept = [];
    private int _keptLength;

    public delegate void FrameHandler(byte kind, FieldReader fields);

    /// <summary>Adds the bytes that have arrived.</summary>
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
        var missing = Math.Min((size > 0 ? size : LengthSize) - _keptLength, bytes.Length);
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

    /// <summary>
    /// Keeps the bytes of an incomplete frame. The buffer grows with the bytes that have arrived, not with the length that a frame
    /// announces.
    /// </summary>
    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var length = _keptLength + bytes.Length;
        if (_kept.Length < length)
        {
            var size = FrameSize(_kept.AsSpan(0, _keptLength));
            Array.Resize(ref _kept, Math.Max(length, (int)Math.Min(size, 2L * length)));
        }

        bytes.CopyTo(_kept.AsSpan(_keptLength));
        _keptLength = length;
    }

    private void Handle(ReadOnlySpan<byte> frame) => handle(frame[LengthSize], new FieldReader(frame[HeaderSize..]));

    /// <summary>Returns the size of a frame, or 0 if its length was not received yet.</summary>
    private int FrameSize(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < LengthSize)
        {
            return 0;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length >= 1 && length <= maxLength
            ? length + LengthSize
            : throw new InvalidDataException($"A frame cannot have {length} bytes; 1 to {maxLength} are valid.");
    }
}
