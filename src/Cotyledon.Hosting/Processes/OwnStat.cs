using System.Diagnostics;
using System.Globalization;
using System.Text;

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
        Span<byte> uptime = stackalloc byte[64];
        if (Read(fields) >= StartTime
            && Encoding.ASCII.GetString(uptime[..Libc.ReadFile("/proc/uptime", uptime)]).Split(' ')[0] is { Length: > 0 } seconds)
        {
            // Both count from the boot. Process.StartTime returns the same, but loads an assembly that the master does not need otherwise.
            var age = double.Parse(seconds, CultureInfo.InvariantCulture) - ProcessStat.Time(fields[StartTime]).TotalSeconds;
            return TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(age);
        }

        return DateTime.UnixEpoch;
    }
}
