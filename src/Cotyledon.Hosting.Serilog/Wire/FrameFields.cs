using System.Buffers.Binary;
using System.Text;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Reads the fields of a frame in their order.</summary>
internal ref struct FrameFields(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public readonly bool IsAtEnd => _left.IsEmpty;

    public byte Byte() => Bytes(1)[0];

    public ulong Number()
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

        throw new InvalidDataException("A number in a frame of the log has too many bytes.");
    }

    public long Signed()
    {
        var value = Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <exception cref="InvalidDataException">The number is larger than <paramref name="max"/>.</exception>
    public ulong Number(ulong max)
    {
        var value = Number();
        return value <= max ? value : throw OutOfRange($"{value}");
    }

    /// <exception cref="InvalidDataException">The number is out of range.</exception>
    public long Signed(long min, long max)
    {
        var value = Signed();
        return value >= min && value <= max ? value : throw OutOfRange($"{value}");
    }

    public int Int32() => (int)Signed(int.MinValue, int.MaxValue);

    /// <summary>Reads a number from 0 to <paramref name="max"/> in one byte.</summary>
    public byte Byte(byte max)
    {
        var value = Byte();
        return value <= max ? value : throw OutOfRange($"{value}");
    }

    public long Fixed() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8));

    /// <summary>Reads the number of elements that follow. Each has at least one byte.</summary>
    public int Count()
    {
        var count = BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));
        return (uint)count <= (uint)_left.Length
            ? count
            : throw new InvalidDataException($"A frame of the log is not valid: {count} elements do not fit into {_left.Length} bytes.");
    }

    public string Text() => Encoding.UTF8.GetString(Bytes(Number()));

    public ReadOnlySpan<byte> Bytes(ulong count)
    {
        if (count > (ulong)_left.Length)
        {
            throw new InvalidDataException("A frame of the log is too short.");
        }

        var taken = _left[..(int)count];
        _left = _left[(int)count..];
        return taken;
    }

    private static InvalidDataException OutOfRange(string value) => new($"A frame of the log has the value {value}, which is out of range.");
}
