namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>Bytes to be sent. Unlike an <c>ArrayBufferWriter</c>, it can remove an incomplete frame.</summary>
internal sealed class FrameBuffer
{
    private const int MinSize = 4 * 1024;

    /// <summary>A larger array is not reused.</summary>
    private const int MaxKept = 1024 * 1024;

    private byte[] _bytes = new byte[MinSize];

    public int Count { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Count);

    /// <summary>Appends <paramref name="count"/> bytes, for the caller to fill.</summary>
    public Span<byte> Append(int count)
    {
        if (count > _bytes.Length - Count)
        {
            var needed = (long)Count + count;
            Array.Resize(ref _bytes, (int)Math.Max(needed, Math.Min(Array.MaxLength, 2L * _bytes.Length)));
        }

        Count += count;
        return _bytes.AsSpan(Count - count, count);
    }

    /// <summary>Returns bytes that were appended before.</summary>
    public Span<byte> At(int begin, int count) => _bytes.AsSpan(begin, count);

    /// <summary>Removes everything after the first <paramref name="count"/> bytes.</summary>
    public void Truncate(int count) => Count = count;

    public void Clear()
    {
        Count = 0;
        if (_bytes.Length > MaxKept)
        {
            _bytes = new byte[MinSize];
        }
    }
}
