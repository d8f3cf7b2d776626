using System.Text;

namespace Cotyledon.Hosting.Processes;

/// <summary>Remembers the last lines of a stream, however much comes.</summary>
internal sealed class LineTail
{
    public const int MaxLines = 20;
    public const int MaxBytes = 4096;

    private byte[]? _ring;
    private long _total;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        // Most processes never write here.
        _ring ??= new byte[MaxBytes];
        _total += Math.Max(0, bytes.Length - MaxBytes);
        bytes = bytes[^Math.Min(bytes.Length, MaxBytes)..];
        var start = (int)(_total % MaxBytes);
        var first = Math.Min(bytes.Length, MaxBytes - start);
        bytes[..first].CopyTo(_ring.AsSpan(start));
        bytes[first..].CopyTo(_ring);
        _total += bytes.Length;
    }

    public IReadOnlyList<string> ToLines()
    {
        if (_ring is null)
        {
            return [];
        }

        var bytes = new byte[Math.Min(_total, MaxBytes)];
        var start = _total > MaxBytes ? (int)(_total % MaxBytes) : 0;
        _ring.AsSpan(start, bytes.Length - start).CopyTo(bytes);
        _ring.AsSpan(0, start).CopyTo(bytes.AsSpan(bytes.Length - start));
        var lines = Encoding.UTF8.GetString(bytes).Split('\n').Select(line => line.TrimEnd('\r')).ToList();
        if (lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        if (_total > MaxBytes && lines.Count > 1)
        {
            // Its beginning is lost.
            lines.RemoveAt(0);
        }

        return lines.TakeLast(MaxLines).ToArray();
    }
}
