using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// The process group of a worker: itself, and what it started and has not moved elsewhere (setsid(1)). As long as there is a master,
/// that ends what a worker leaves behind; here is what a worker does without one.
/// </summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class ProcessGroup
{
    private const int OwnGroup = 0;

    // Only a group that was made for this worker; that of others, such as a shell's, is none of its business.
    private static bool IsOurs => !OperatingSystem.IsWindows() && GetProcessGroup(0) == Environment.ProcessId;

    /// <summary>Ends the whole group, this process included. Returns only where it has no group of its own.</summary>
    public static void Kill()
    {
        if (IsOurs)
        {
            _ = Libc.Kill(OwnGroup, Libc.SignalKill);
        }
    }

    /// <summary>Ends the others of the group.</summary>
    public static void KillOthers()
    {
        if (!OperatingSystem.IsLinux() || !IsOurs)
        {
            return;
        }

        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
                && processId != Environment.ProcessId
                && GetProcessGroup(processId) == Environment.ProcessId)
            {
                _ = Libc.Kill(processId, Libc.SignalKill);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "getpgid")]
    private static partial int GetProcessGroup(int processId);
}
