using System.Buffers.Binary;

namespace Cotyledon.Hosting.Channel;

/// <summary>Splits the bytes of a channel into frames.</summary>
internal sealed class FrameReader
{
    // Most workers never send a longer frame, and a master has one reader for each worker.
    private const int InitialSize = 128;

    private byte[] _buffer = new byte[InitialSize];
    private int _start;
    private int _end;

    /// <summary>The free space for the next bytes. Never empty.</summary>
    public Span<byte> Free
    {
        get
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            if (_end == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * _buffer.Length);
            }

            return _buffer.AsSpan(_end);
        }
    }

    /// <summary>Accepts bytes that were written to <see cref="Free"/>.</summary>
    public void Advance(int count) => _end += count;

    /// <summary>Takes the next whole frame. Frames of unknown kinds are skipped.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a valid frame.</exception>
    public bool TryTake(out Frame frame)
    {
        while (TryTakeBytes(out var kind, out var fields))
        {
            if (FrameCodec.Read(kind, fields) is { } known)
            {
                frame = known;
                return true;
            }
        }

        frame = null!;
        return false;
    }

    private bool TryTakeBytes(out byte kind, out ReadOnlySpan<byte> fields)
    {
        var filled = _buffer.AsSpan(_start, _end - _start);
        kind = 0;
        fields = default;
        if (filled.Length < Protocol.HeaderSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16LittleEndian(filled[1..]);
        if (Protocol.HeaderSize + length > Protocol.MaxFrameSize)
        {
            throw new InvalidDataException($"A frame has {length} bytes, which is longer than any frame of the protocol.");
        }

        if (filled.Length < Protocol.HeaderSize + length)
        {
            return false;
        }

        kind = filled[0];
        fields = filled.Slice(Protocol.HeaderSize, length);
        _start += Protocol.HeaderSize + length;
        return true;
    }
}
