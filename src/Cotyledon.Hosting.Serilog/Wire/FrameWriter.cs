using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Writes one frame at a time into its own buffer. Texts that are too long are cut and end with a note about it.</summary>
internal sealed class FrameWriter
{
    /// <summary>A larger buffer is released after the frame that needed it.</summary>
    private const int SizeToKeep = 16 * 1024;

    /// <summary>The bytes that are kept free in a frame, for the fields that follow a text and for the notes about missing parts.</summary>
    private const int Reserve = 1024;

    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>True if only the reserved bytes of this frame are left.</summary>
    public bool IsFull => _length > Limits.MaxFrame - (2 * Reserve);

    public FrameWriter Begin(FrameKind kind)
    {
        _length = FrameSplitter.HeaderSize;
        _bytes[FrameSplitter.LengthSize] = (byte)kind;
        return this;
    }

    /// <summary>Completes the frame. The result is valid until the next frame begins.</summary>
    public ReadOnlySpan<byte> End()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes, _length - FrameSplitter.LengthSize);
        return _bytes.AsSpan(0, _length);
    }

    /// <summary>Releases a large buffer, after the frame was used.</summary>
    public void Release()
    {
        if (_bytes.Length > SizeToKeep)
        {
            _bytes = new byte[1024];
        }
    }

    public FrameWriter Byte(byte value)
    {
        Room(1)[0] = value;
        _length++;
        return this;
    }

    /// <summary>Writes a number with seven bits per byte, the lowest bits first.</summary>
    public FrameWriter Number(ulong value)
    {
        var room = Room(10);
        var count = 0;
        for (; value > 0x7f; value >>= 7)
        {
            room[count++] = (byte)(value | 0x80);
        }

        room[count++] = (byte)value;
        _length += count;
        return this;
    }

    /// <summary>Writes a signed number so that small negative numbers are short as well.</summary>
    public FrameWriter Signed(long value) => Number((ulong)((value << 1) ^ (value >> 63)));

    public FrameWriter Fixed(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);
        _length += 8;
        return this;
    }

    public FrameWriter Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Room(value.Length));
        _length += value.Length;
        return this;
    }

    /// <summary>Reserves a place for a number of elements that is known only after they are written.</summary>
    public int BeginCount()
    {
        Room(4);
        _length += 4;
        return _length - 4;
    }

    public void EndCount(int place, int count) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(place), count);

    public FrameWriter Text(string value)
    {
        var allowed = Math.Clamp(Limits.MaxFrame - Reserve - _length, 0, Limits.MaxText);
        var size = value.Length * 3 <= allowed ? -1 : Encoding.UTF8.GetByteCount(value);
        return size <= allowed ? WholeText(value, size) : CutText(value, allowed);
    }

    private FrameWriter WholeText(string value, int size)
    {
        Number((ulong)(size >= 0 ? size : Encoding.UTF8.GetByteCount(value)));
        _length += Encoding.UTF8.GetBytes(value, Room(size >= 0 ? size : value.Length * 3));
        return this;
    }

    /// <summary>Cuts the text between two characters, never within one.</summary>
    private FrameWriter CutText(string value, int allowed)
    {
        var beginning = new byte[allowed];
        Utf8.FromUtf16(value, beginning, out var read, out var written);
        var mark = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"… [{value.Length - read} characters cut]"));
        return Number((ulong)(written + mark.Length)).Bytes(beginning.AsSpan(0, written)).Bytes(mark);
    }

    private Span<byte> Room(int size)
    {
        if (_bytes.Length - _length < size)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + size));
        }

        return _bytes.AsSpan(_length);
    }
}
