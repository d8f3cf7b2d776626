using System.Buffers.Binary;
using System.Text;

namespace Cotyledon.Hosting.Shared;

/// <summary>
/// Writes frames one after the other into a buffer that grows. <see cref="FrameSplitter"/> and <see cref="FieldReader"/> read them, and
/// describe their format.
/// </summary>
/// <param name="capacity">The initial size of the buffer, in bytes.</param>
/// <remarks>Not thread-safe. A serializer would cost each worker more start-up time than all of its frames.</remarks>
internal sealed class FrameWriter(int capacity = 1024)
{
    private readonly int _capacity = capacity;
    private byte[] _bytes = new byte[capacity];
    private int _begin;

    /// <summary>The number of bytes that were written since the last <see cref="Clear"/>.</summary>
    public int Length { get; private set; }

    /// <summary>The length of the kind and the fields of the current frame.</summary>
    public int FrameLength => Length - _begin - FrameSplitter.LengthSize;

    /// <summary>All frames. Valid until the next change.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Returns the frames as an array, without a copy if they fill the buffer, and begins with an empty buffer.</summary>
    public byte[] Detach()
    {
        var result = _bytes.Length == Length ? _bytes : Written.ToArray();
        (_bytes, Length) = ([], 0);
        return result;
    }

    public FrameWriter Begin(byte kind)
    {
        _begin = Length;
        Append(FrameSplitter.HeaderSize)[FrameSplitter.LengthSize] = kind;
        return this;
    }

    /// <summary>Completes the frame.</summary>
    /// <returns>The frame, valid until the next change.</returns>
    public ReadOnlySpan<byte> End()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_begin), FrameLength);
        return _bytes.AsSpan(_begin, Length - _begin);
    }

    /// <summary>Removes the current frame.</summary>
    public void Discard() => Length = _begin;

    /// <summary>Removes all frames, and releases a buffer that is larger than <paramref name="maxKept"/>.</summary>
    public void Clear(int maxKept = int.MaxValue)
    {
        Length = 0;
        if (_bytes.Length > maxKept)
        {
            _bytes = new byte[_capacity];
        }
    }

    public FrameWriter Byte(byte value)
    {
        Append(1)[0] = value;
        return this;
    }

    public FrameWriter UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Append(sizeof(ushort)), value);
        return this;
    }

    public FrameWriter Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Append(sizeof(int)), value);
        return this;
    }

    public FrameWriter Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Append(sizeof(long)), value);
        return this;
    }

    public FrameWriter Guid(Guid value)
    {
        value.TryWriteBytes(Append(16));
        return this;
    }

    /// <summary>Writes the bytes without their length.</summary>
    public FrameWriter Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Append(value.Length));
        return this;
    }

    /// <summary>Writes the length and the bytes.</summary>
    public FrameWriter Bytes(ReadOnlySpan<byte> value) => Int32(value.Length).Raw(value);

    /// <summary>Writes the length in bytes and the text.</summary>
    public FrameWriter Text(ReadOnlySpan<char> value)
    {
        var size = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, Int32(size).Append(size));
        return this;
    }

    /// <summary>Writes a number with seven bits per byte, the lowest bits first.</summary>
    public FrameWriter VarNumber(ulong value)
    {
        const int MaxSize = 10;
        var target = Append(MaxSize);
        var size = 0;
        for (; value > 0x7f; value >>= 7)
        {
            target[size++] = (byte)(value | 0x80);
        }

        target[size++] = (byte)value;
        Length -= MaxSize - size;
        return this;
    }

    /// <summary>Writes a signed number (zigzag encoding, in which small negative numbers are short as well).</summary>
    public FrameWriter VarSigned(long value) => VarNumber((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Writes a number of elements that is known only after them.</summary>
    /// <returns>The position, for <see cref="SetCount"/>.</returns>
    public int ReserveCount()
    {
        Int32(0);
        return Length - sizeof(int);
    }

    public void SetCount(int position, int count) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(position), count);

    /// <summary>Appends <paramref name="count"/> bytes, for the caller to fill.</summary>
    public Span<byte> Append(int count)
    {
        if (count > _bytes.Length - Length)
        {
            Array.Resize(ref _bytes, checked((int)Math.Max((long)Length + count, Math.Min(Array.MaxLength, 2L * _bytes.Length))));
        }

        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}
