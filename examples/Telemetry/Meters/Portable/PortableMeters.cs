namespace Telemetry.Meters.Portable;

/// <summary>Creates meters that work on every system. Most of them measure this process only.</summary>
internal static class PortableMeters
{
    private const double Mebibyte = 1024 * 1024;

    public static IReadOnlyList<IMeter> Create() =>
    [
        new RateMeter("process.cpu", "%", ReadProcessorTime),
        new GaugeMeter("process.memory", "MiB", () => Environment.WorkingSet / Mebibyte),
        new GaugeMeter("gc.heap", "MiB", () => GC.GetTotalMemory(forceFullCollection: false) / Mebibyte),
        new GaugeMeter("disk.used", "%", ReadDiskUse),
    ];

    private static Reading? ReadProcessorTime() =>
        Reading.OverTime(100 * Environment.CpuUsage.TotalTime.TotalSeconds / Environment.ProcessorCount);

    private static double? ReadDiskUse()
    {
        try
        {
            var drive = new DriveInfo(AppContext.BaseDirectory);
            return drive.TotalSize is > 0 and var size ? 100.0 * (size - drive.TotalFreeSpace) / size : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
