using System.Diagnostics;
using System.Globalization;

namespace Telemetry.Processes;

/// <summary>Finds the processes that used most processor time since the previous call.</summary>
internal sealed class ProcessRanking(IProcessTable table)
{
    private IReadOnlyList<ProcessEntry> _before = table.Read();
    private long _readAt = Stopwatch.GetTimestamp();

    /// <summary>The busiest processes, such as <c>dotnet [812] 3.1 % 64 MiB</c>; 100 % is one processor.</summary>
    public IEnumerable<string> Busiest(int count)
    {
        var elapsed = Stopwatch.GetElapsedTime(_readAt);
        var before = _before.ToDictionary(p => (p.Id, p.Started), p => p.ProcessorTime);
        _before = table.Read();
        _readAt = Stopwatch.GetTimestamp();
        return _before
            .Select(p => (Process: p, Used: p.ProcessorTime - before.GetValueOrDefault((p.Id, p.Started))))
            .OrderByDescending(p => p.Used)
            .Take(count)
            .Select(p => string.Create(
                CultureInfo.InvariantCulture,
                $"{Printable(p.Process.Name)} [{p.Process.Id}] {100 * (p.Used / elapsed):0.0} % {p.Process.Memory / (1024 * 1024)} MiB"));
    }

    /// <summary>Replaces control characters: a process can choose its name, and the log can be a terminal.</summary>
    private static string Printable(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));
}
