using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting.Processes;

/// <summary>Reads <c>/proc/self/stat</c>: proc(5).</summary>
internal static class OwnStat
{
    private const int StartTime = 22;
    private const double TicksPerSecond = 100; // USER_HZ, which is the same on every architecture that .NET runs on.

    /// <summary>Reads numbers of the line, each at its index in proc(5), which counts from 1.</summary>
    /// <remarks>Does not use methods of File and string, which would add one millisecond to the start of a worker.</remarks>
    /// <returns>The index of the last number that was read.</returns>
    public static int Read(Span<ulong> fields)
    {
        Span<byte> buffer = stackalloc byte[1024];
        ReadOnlySpan<byte> stat = buffer[..Libc.ReadFile("/proc/self/stat", buffer)];

        // The command name, in brackets, may contain spaces and brackets; the fields after it are numbers.
        stat = stat[(stat.LastIndexOf((byte)')') + 1)..];
        var number = 2;
        foreach (var character in stat)
        {
            if (character == ' ' && ++number == fields.Length)
            {
                break;
            }

            fields[number] = character is >= (byte)'0' and <= (byte)'9' ? (10 * fields[number]) + character - '0' : fields[number];
        }

        return number;
    }

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
            var age = double.Parse(seconds, CultureInfo.InvariantCulture) - (fields[StartTime] / TicksPerSecond);
            return TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(age);
        }

        return DateTime.UnixEpoch;
    }
}
