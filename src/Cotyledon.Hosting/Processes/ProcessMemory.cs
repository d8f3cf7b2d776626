using System.Globalization;

namespace Cotyledon.Hosting.Processes;

/// <summary>How much memory a process uses: proc(5).</summary>
internal static class ProcessMemory
{
    /// <summary>
    /// The proportional set size, in bytes. Where the resident set, which counts shared pages in full, is below the limit already,
    /// that: it costs one short file, and the exact figure a walk through the page tables.
    /// </summary>
    /// <returns><see langword="null"/> where the process is gone.</returns>
    public static long? Measure(int processId, long limit)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                // Without privileges macOS tells the resident set only.
                using var process = System.Diagnostics.Process.GetProcessById(processId);
                return OperatingSystem.IsWindows() ? process.PrivateMemorySize64 : process.WorkingSet64;
            }

            var resident = Resident(processId);
            return resident < limit ? resident : Proportional(processId) ?? resident;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static long Resident(int processId) =>
        Number(File.ReadAllText($"/proc/{processId}/statm").Split(' ')[1]) * Environment.SystemPageSize;

    /// <summary>Linux 4.14 and later.</summary>
    private static long? Proportional(int processId)
    {
        var file = $"/proc/{processId}/smaps_rollup";
        return File.Exists(file) && File.ReadLines(file).FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal)) is { } line
            ? Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024
            : null;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
