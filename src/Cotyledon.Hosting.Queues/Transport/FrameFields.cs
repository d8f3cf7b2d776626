using System.Buffers.Binary;
using System.Text;

namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>Reads the fields of a frame in their order.</summary>
internal ref struct FrameFields(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public byte Byte() => Take(1)[0];

    public ushort Short() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Number() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>
    /// Reads the number of fields that follow. A number that the frame cannot hold is refused before memory is allocated for it.
    /// </summary>
    /// <exception cref="InvalidDataException">The frame is too short for this number.</exception>
    public int Count(int atLeastBytes)
    {
        var count = Number();
        return count >= 0 && count <= _left.Length / atLeastBytes
            ? count
            : throw new InvalidDataException($"A frame of a queue is not valid: {count} fields do not fit into {_left.Length} bytes.");
    }

    /// <summary>Reads bytes into a new array: the buffer of the frame is reused.</summary>
    public byte[] Bytes() => Take(Number()).ToArray();

    public string Text() => Encoding.UTF8.GetString(Take(Number()));

    /// <summary>Checks that all fields were read.</summary>
    /// <exception cref="InvalidDataException">The frame has more bytes.</exception>
    public readonly void End()
    {
        if (_left.Length > 0)
        {
            throw new InvalidDataException($"A frame of a queue has {_left.Length} bytes too many.");
        }
    }

    /// <exception cref="InvalidDataException">The frame is too short.</exception>
    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_left.Length)
        {
            throw new InvalidDataException("A frame of a queue is too short.");
        }

        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}
