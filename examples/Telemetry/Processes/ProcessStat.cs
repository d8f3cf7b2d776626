using System.Globalization;
using Telemetry.Meters.Linux;

namespace Telemetry.Processes;

/// <summary>Parses the line of <c>/proc/PID/stat</c>; see proc_pid_stat(5).</summary>
internal static class ProcessStat
{
    /// <summary>USER_HZ; the kernel has it at 100 on each architecture that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    // Indexes from the field after the name, which is field 3 in the manual page.
    private const int UserTime = 14 - 3;
    private const int SystemTime = 15 - 3;
    private const int StartTime = 22 - 3;
    private const int ResidentPages = 24 - 3;

    public static ProcessEntry? Parse(string text)
    {
        // The name is in parentheses, and can contain blanks and parentheses.
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        if (open < 0 || close < open
            || !int.TryParse(text.AsSpan(0, open).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return null;
        }

        var fields = new Fields(text[(close + 1)..]);
        if (fields.Number(UserTime) is not { } user
            || fields.Number(SystemTime) is not { } system
            || fields.Number(StartTime) is not { } started
            || fields.Number(ResidentPages) is not { } pages)
        {
            return null;
        }

        var processorTime = TimeSpan.FromSeconds((user + system) / TicksPerSecond);
        return new ProcessEntry(id, started, text[(open + 1)..close], processorTime, (long)pages * Environment.SystemPageSize);
    }
}
