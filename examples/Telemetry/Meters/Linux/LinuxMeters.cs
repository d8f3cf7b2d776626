namespace Telemetry.Meters.Linux;

/// <summary>Creates meters of the machine, which read <c>/proc</c>.</summary>
internal static class LinuxMeters
{
    public static IReadOnlyList<IMeter> Create() =>
    [
        new RateMeter("cpu.busy", "%", () => CpuTimes.Parse(ProcFile.Read("/proc/stat"))),
        new GaugeMeter("memory.used", "%", () => MemoryInfo.ParseUsed(ProcFile.Read("/proc/meminfo"))),
        new GaugeMeter("load.1m", "tasks", () => LoadAverage.Parse(ProcFile.Read("/proc/loadavg"))),
        BytesPerSecond("disk.read", () => DiskCounters.Sum(ProcFile.Read("/proc/diskstats"), DiskCounters.SectorsRead, IsDisk)),
        BytesPerSecond("disk.write", () => DiskCounters.Sum(ProcFile.Read("/proc/diskstats"), DiskCounters.SectorsWritten, IsDisk)),
        BytesPerSecond("net.in", () => NetworkCounters.Sum(ProcFile.Read("/proc/net/dev"), NetworkCounters.BytesReceived)),
        BytesPerSecond("net.out", () => NetworkCounters.Sum(ProcFile.Read("/proc/net/dev"), NetworkCounters.BytesSent)),
    ];

    private static RateMeter BytesPerSecond(string name, Func<double?> readBytes) =>
        new(name, "KiB/s", () => readBytes() is { } bytes ? Reading.OverTime(bytes / 1024) : null);

    /// <summary>
    /// Returns false for partitions, loop devices and stacked devices (dm, md): they have no device directory, and their bytes are counted
    /// for the disk.
    /// </summary>
    private static bool IsDisk(string name) => Directory.Exists($"/sys/block/{name}/device");
}
