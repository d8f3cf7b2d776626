using System.Text;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Reads the trace as it grows; each line is parsed once.</summary>
internal sealed class TraceFile(string path)
{
    private readonly Lock _gate = new();
    private readonly List<TraceLine> _lines = [];
    private long _position;

    public IReadOnlyList<TraceLine> Read()
    {
        lock (_gate)
        {
            var text = ReadOn();
            _lines.AddRange(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(TraceLine.Parse));
            return [.. _lines];
        }
    }

    /// <summary>Reads the complete lines that were added since the last call.</summary>
    private string ReadOn()
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _position;
        var bytes = new byte[file.Length - _position];
        file.ReadExactly(bytes);
        var end = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        _position += end;
        return Encoding.UTF8.GetString(bytes, 0, end);
    }
}
