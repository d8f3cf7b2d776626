using System.ComponentModel;
using System.Diagnostics;

namespace Telemetry.Processes;

internal sealed class PortableProcessTable : IProcessTable
{
    public IReadOnlyList<ProcessEntry> Read() => [.. Process.GetProcesses().Select(TryRead).OfType<ProcessEntry>()];

    private static ProcessEntry? TryRead(Process process)
    {
        using (process)
        {
            try
            {
                return new ProcessEntry(
                    process.Id, process.StartTime.Ticks, process.ProcessName, process.TotalProcessorTime, process.WorkingSet64);
            }
            catch (Exception e) when (e is InvalidOperationException or Win32Exception or NotSupportedException)
            {
                return null; // it has ended, or belongs to another account
            }
        }
    }
}
