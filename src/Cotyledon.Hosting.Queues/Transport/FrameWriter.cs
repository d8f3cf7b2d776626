using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>Writes one frame into a buffer: its length is filled in at the end.</summary>
internal readonly ref struct FrameWriter
{
    private readonly ArrayBufferWriter<byte> _buffer;
    private readonly int _begin;

    public FrameWriter(ArrayBufferWriter<byte> buffer, FrameKind kind, ushort queue)
    {
        _buffer = buffer;
        _begin = buffer.WrittenCount;
        var header = buffer.GetSpan(7);
        header[4] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(header[5..], queue);
        buffer.Advance(7);
    }

    public FrameWriter Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
        return this;
    }

    public FrameWriter Number(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
        return this;
    }

    public FrameWriter Number(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
        return this;
    }

    public FrameWriter Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        value.CopyTo(_buffer.GetSpan(value.Length));
        _buffer.Advance(value.Length);
        return this;
    }

    public FrameWriter Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    /// <summary>The frame is whole.</summary>
    public void End()
    {
        // The buffer gives no way back to what was written, but the memory is the same one.
        var written = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_buffer.WrittenMemory).Span;
        BinaryPrimitives.WriteInt32LittleEndian(written[_begin..], written.Length - _begin - 4);
    }
}
