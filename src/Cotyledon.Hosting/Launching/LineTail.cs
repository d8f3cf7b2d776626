using System.Text;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Launching;

/// <summary>Keeps the last lines of a stream in a fixed amount of memory, and the first lines of an unhandled exception.</summary>
internal sealed class LineTail
{
    public const int MaxLines = 20;
    public const int MaxBytes = 4096;

    /// <summary>
    /// The size of the kept start of an exception, because the lines of its stack trace may displace it from the last lines.
    /// </summary>
    private const int MaxFaultBytes = 1024;

    private static readonly byte[] FaultPrefix = Encoding.UTF8.GetBytes(UnhandledException.Prefix);

    private byte[]? _ring;
    private long _total;
    private List<byte>? _fault;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        // Allocated late, because most processes write nothing.
        _ring ??= new byte[MaxBytes];
        AppendFault(bytes);
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
        var lines = LastLines();
        var fault = FaultLines();
        return fault.Count == 0 || lines.Contains(fault[0])
            ? lines
            : [.. fault, .. lines.TakeLast(MaxLines - fault.Count)];
    }

    private void AppendFault(ReadOnlySpan<byte> bytes)
    {
        if (_fault is null)
        {
            var start = bytes.IndexOf(FaultPrefix);
            if (start < 0)
            {
                return;
            }

            _fault = [];
            bytes = bytes[start..];
        }

        _fault.AddRange(bytes[..Math.Min(bytes.Length, MaxFaultBytes - _fault.Count)]);
    }

    private List<string> FaultLines()
    {
        if (_fault is null)
        {
            return [];
        }

        var lines = Split(Encoding.UTF8.GetString([.. _fault]));
        return [.. lines.Take(1), .. lines.Skip(1).TakeWhile(l => l.StartsWith(UnhandledException.InnerPrefix, StringComparison.Ordinal))];
    }

    private List<string> LastLines()
    {
        if (_ring is null)
        {
            return [];
        }

        var bytes = new byte[Math.Min(_total, MaxBytes)];
        var start = _total > MaxBytes ? (int)(_total % MaxBytes) : 0;
        _ring.AsSpan(start, bytes.Length - start).CopyTo(bytes);
        _ring.AsSpan(0, start).CopyTo(bytes.AsSpan(bytes.Length - start));
        var lines = Split(Encoding.UTF8.GetString(bytes));
        if (_total > MaxBytes && lines.Count > 1)
        {
            // The beginning of the first line is lost.
            lines.RemoveAt(0);
        }

        return [.. lines.TakeLast(MaxLines)];
    }

    private static List<string> Split(string text)
    {
        var lines = text.Split('\n').Select(line => line.TrimEnd('\r')).ToList();
        if (lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines;
    }
}
