using System.Diagnostics;

namespace Cotyledon.Hosting.Processes;

/// <summary>The processor time and the memory that a process uses.</summary>
internal readonly record struct ProcessUsage(TimeSpan Processor, long Memory)
{
    private const int UserTime = 14;
    private const int SystemTime = 15;

    /// <summary>Reads the usage of a process; <see langword="null"/> if it has exited.</summary>
    public static ProcessUsage? Read(int processId) =>
        ProcessorTime(processId) is { } processor && ProcessMemory.Measure(processId, limit: 0) is > 0 and var memory
            ? new ProcessUsage(processor, memory)
            : null;

    private static TimeSpan? ProcessorTime(int processId)
    {
        if (OperatingSystem.IsLinux())
        {
            Span<ulong> fields = stackalloc ulong[SystemTime + 1];
            return ProcessStat.Read($"/proc/{processId}/stat", fields) >= SystemTime
                ? ProcessStat.Time(fields[UserTime] + fields[SystemTime])
                : null;
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
