namespace Cotyledon.Hosting.Control;

/// <summary>Keeps received bytes and splits them into lines. It grows with the bytes that have arrived, up to a limit.</summary>
internal sealed class LineBuffer(int max)
{
    private byte[] _bytes = [];
    private int _start;
    private int _end;
    private int _searched;

    /// <summary>The number of bytes that can be added.</summary>
    public int Room => max - (_end - _start);

    public bool IsEmpty => _start == _end;

    /// <summary>Whether the buffer is full, and has no complete line.</summary>
    public bool IsTooLong => Room == 0 && !HasLine;

    public bool HasLine => Find() >= 0;

    /// <summary>Adds bytes, at most <see cref="Room"/>.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var length = _end - _start;
        if (_end + bytes.Length > _bytes.Length)
        {
            var target = length + bytes.Length <= _bytes.Length ? _bytes : new byte[Math.Min(max, Math.Max(512, 2 * (length + bytes.Length)))];
            _bytes.AsSpan(_start, length).CopyTo(target);
            (_bytes, _start, _end, _searched) = (target, 0, length, _searched - _start);
        }

        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Takes the next line, without its end. It is valid until bytes are added.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> line)
    {
        var index = Find();
        if (index < 0)
        {
            line = default;
            return false;
        }

        line = _bytes.AsMemory(_start, index - _start);
        if (line.Length > 0 && line.Span[^1] == '\r')
        {
            line = line[..^1];
        }

        _start = _searched = index + 1;
        return true;
    }

    /// <summary>Returns the index of the next line end, or -1. Bytes that were searched are not searched again.</summary>
    private int Find()
    {
        var index = _bytes.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
        if (index < 0)
        {
            _searched = _end;
            return -1;
        }

        _searched += index;
        return _searched;
    }
}
