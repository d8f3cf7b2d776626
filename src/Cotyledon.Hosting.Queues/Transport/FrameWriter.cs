using System.Buffers.Binary;
using System.Text;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>Writes one frame into a buffer. <see cref="End"/> fills in its length.</summary>
internal readonly ref struct FrameWriter
{
    private const int LengthSize = 4;

    private readonly FrameBuffer _buffer;
    private readonly int _begin;

    public FrameWriter(FrameBuffer buffer, FrameKind kind, ushort queue)
    {
        _buffer = buffer;
        _begin = buffer.Count;
        var header = buffer.Append(LengthSize + 3);
        header[LengthSize] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(header[(LengthSize + 1)..], queue);
    }

    public FrameWriter Byte(byte value)
    {
        Append(1)[0] = value;
        return this;
    }

    public FrameWriter Number(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Append(4), value);
        return this;
    }

    public FrameWriter Number(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Append(8), value);
        return this;
    }

    public FrameWriter Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        value.CopyTo(Append(value.Length));
        return this;
    }

    public FrameWriter Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    public void End() => BinaryPrimitives.WriteInt32LittleEndian(
        _buffer.At(_begin, LengthSize), _buffer.Count - _begin - LengthSize);

    /// <exception cref="QueueException">The frame is larger than the other side accepts.</exception>
    private Span<byte> Append(int count)
    {
        var length = (long)_buffer.Count - _begin - LengthSize + count;
        return length <= FrameLimits.MaxFrame ? _buffer.Append(count) : throw new QueueException(
            $"A message of {length} bytes cannot be sent between a worker and the master; {FrameLimits.MaxFrame} bytes are allowed.");
    }
}
