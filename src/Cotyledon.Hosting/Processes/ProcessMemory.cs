using System.Globalization;

namespace Cotyledon.Hosting.Processes;

/// <summary>Measures the memory of a process: proc(5).</summary>
internal static class ProcessMemory
{
    /// <summary>
    /// Returns the proportional set size in bytes on Linux. Returns the resident set size, which counts shared pages in full, if that is
    /// below the limit already: reading it is cheap, while the kernel walks through the page tables for the proportional set size.
    /// </summary>
    /// <returns>The size; <see langword="null"/> if the process has exited, or if the system refuses to measure it.</returns>
    public static long? Measure(int processId, long limit)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                // Without privileges, macOS reports the resident set size only.
                using var process = System.Diagnostics.Process.GetProcessById(processId);
                return OperatingSystem.IsWindows() ? process.PrivateMemorySize64 : process.WorkingSet64;
            }

            var resident = Resident(processId);
            return resident < limit ? resident : Proportional(processId) ?? resident;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException
            or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static long Resident(int processId) =>
        Number(File.ReadAllText($"/proc/{processId}/statm").Split(' ')[1]) * Environment.SystemPageSize;

    /// <summary>
    /// Returns the proportional set size; <see langword="null"/> before Linux 4.14, and if the kernel does not show it: it needs the right to
    /// trace the process, which is missing if the program has more privileges than its user (PR_SET_DUMPABLE(2const)).
    /// </summary>
    private static long? Proportional(int processId)
    {
        var file = $"/proc/{processId}/smaps_rollup";
        try
        {
            return File.Exists(file) && File.ReadLines(file).FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal)) is { } line
                ? Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024
                : null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
