using System.Text;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>
/// Reads the trace as it grows; each line is parsed once. On Windows each process has a file of its own beside the one of this path.
/// </summary>
internal sealed class TraceFile(string path)
{
    private readonly Lock _gate = new();
    private readonly List<TraceLine> _lines = [];
    private readonly Dictionary<string, long> _positions = [];

    public IReadOnlyList<TraceLine> Read()
    {
        lock (_gate)
        {
            var files = FilesOf(path);
            foreach (var file in files)
            {
                var text = ReadOn(file);
                _lines.AddRange(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(TraceLine.Parse));
            }

            return files.Count == 1 ? [.. _lines] : [.. _lines.OrderBy(line => line.Time)];
        }
    }

    /// <summary>The existing files of a path of the test program: that path, and on Windows one file for each process.</summary>
    public static IReadOnlyList<string> FilesOf(string path) =>
    [
        .. File.Exists(path) ? [path] : (string[])[],
        .. Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "-*"),
    ];

    /// <summary>Reads the complete lines that were added since the last call.</summary>
    private string ReadOn(string path)
    {
        var position = _positions.GetValueOrDefault(path);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = position;
        var bytes = new byte[file.Length - position];
        file.ReadExactly(bytes);
        var end = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        _positions[path] = position + end;
        return Encoding.UTF8.GetString(bytes, 0, end);
    }
}
