using System.Globalization;
using Telemetry.Meters.Linux;

namespace Telemetry.Processes;

/// <summary>Reads <c>/proc/PID/stat</c> of each process.</summary>
internal sealed class LinuxProcessTable : IProcessTable
{
    public IReadOnlyList<ProcessEntry> Read() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(path => ProcessStat.Parse(ProcFile.Read(path + "/stat")))
            .OfType<ProcessEntry>(),
    ];
}
