using System.Diagnostics;

namespace Cotyledon.Hosting.Processes;

/// <summary>Reads <c>/proc/self/stat</c>: proc(5).</summary>
internal static class OwnStat
{
    private const string File = "/proc/self/stat";
    private const int StartTime = 22;

    /// <inheritdoc cref="ProcessStat.Read"/>
    public static int Read(Span<ulong> fields) => ProcessStat.Read(File, fields);

    /// <summary>Returns the start time of this process in UTC, or an early time if the system has no <c>/proc</c>.</summary>
    public static DateTime ProcessStartTime()
    {
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            return process.StartTime.ToUniversalTime();
        }

        Span<ulong> fields = stackalloc ulong[StartTime + 1];
        if (Read(fields) < StartTime)
        {
            return DateTime.UnixEpoch;
        }

        // Both count from the boot of the machine, unlike /proc/uptime in a container of LXC. Process.StartTime returns the same, but loads an
        // assembly that the master does not need otherwise.
        var age = TimeSpan.FromMilliseconds(BootClock.Now) - ProcessStat.Time(fields[StartTime]);
        return TimeProvider.System.GetUtcNow().UtcDateTime - age;
    }
}
