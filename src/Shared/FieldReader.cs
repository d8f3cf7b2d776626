using System.Buffers.Binary;
using System.Text;

namespace Cotyledon.Hosting.Shared;

/// <summary>
/// Reads the fields of a frame in their order. Numbers are little-endian, or have seven bits per byte (<c>Var</c>). Lengths and counts are
/// compared with the bytes that are left before memory is allocated for them.
/// </summary>
/// <remarks>
/// All members throw <see cref="InvalidDataException"/> if the frame is too short for the field, or its value is out of range.
/// </remarks>
internal ref struct FieldReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public readonly bool IsAtEnd => _left.IsEmpty;

    public byte Byte() => Take(1)[0];

    /// <summary>Reads a byte from 0 to <paramref name="max"/>.</summary>
    public byte Byte(byte max) => Byte() is var value && value <= max ? value : throw OutOfRange(value);

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    /// <summary>Reads a number from 0 to <paramref name="max"/>.</summary>
    public int Int32(int max) => Int32() is var value && value >= 0 && value <= max ? value : throw OutOfRange(value);

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public Guid Guid() => new(Take(16));

    /// <summary>Reads the number of elements that follow.</summary>
    /// <param name="size">The smallest size of an element, in bytes.</param>
    public int Count(int size = 1)
    {
        var count = Int32();
        return count >= 0 && count <= _left.Length / size
            ? count
            : throw new InvalidDataException($"A frame has {_left.Length} bytes for {count} elements, which is not enough.");
    }

    /// <summary>Reads a length and that number of bytes, into a new array because the buffer of the frame is reused.</summary>
    public byte[] Bytes() => Take(Int32()).ToArray();

    /// <summary>Reads a length in bytes and a text.</summary>
    public string Text() => Encoding.UTF8.GetString(Take(Int32()));

    public ulong VarNumber()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next <= 0x7f)
            {
                return value;
            }
        }

        throw new InvalidDataException("A number in a frame has too many bytes.");
    }

    /// <summary>Reads a number from 0 to <paramref name="max"/>.</summary>
    public ulong VarNumber(ulong max) => VarNumber() is var value && value <= max ? value : throw OutOfRange(value);

    /// <summary>Reads a signed number (zigzag encoding, in which small negative numbers are short as well).</summary>
    public long VarSigned()
    {
        var value = VarNumber();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>Reads a number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public long VarSigned(long min, long max) => VarSigned() is var value && value >= min && value <= max ? value : throw OutOfRange(value);

    public string VarText() => Encoding.UTF8.GetString(VarBytes(VarNumber()));

    public ReadOnlySpan<byte> VarBytes(ulong count) => Take(count <= int.MaxValue ? (int)count : int.MaxValue);

    /// <summary>Checks that all fields were read.</summary>
    public readonly void End()
    {
        if (!IsAtEnd)
        {
            throw new InvalidDataException($"A frame has {_left.Length} bytes too many.");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_left.Length)
        {
            throw new InvalidDataException($"A field of a frame needs {count} bytes, but only {_left.Length} are left.");
        }

        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }

    private static InvalidDataException OutOfRange<T>(T value) => new($"A frame has the number {value}, which is out of range.");
}
