using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// The process group of a worker: the worker and the processes that it has started, except those that have left the group (setsid(1)). When
/// a worker exits, the master kills the rest of its group. If the master has exited, or the lease of the worker ends, the worker does this itself,
/// with the methods below, unless it has not started anything yet.
/// </summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class ProcessGroup
{
    private const int OwnGroup = 0;

    // Only a group that was created for this worker; any other group, such as that of a shell, contains unrelated processes.
    private static bool IsOurs => !OperatingSystem.IsWindows() && GetProcessGroup(0) == Environment.ProcessId;

    /// <summary>Kills the whole group, including this process. Returns only if this process has no group of its own.</summary>
    public static void Kill()
    {
        if (IsOurs)
        {
            _ = Libc.Kill(OwnGroup, Libc.SignalKill);
        }
    }

    /// <summary>Kills the other processes of the group. Has no effect on macOS and Windows, or without <c>/proc</c>.</summary>
    public static void KillOthers()
    {
        if (!OperatingSystem.IsLinux() || !IsOurs)
        {
            return;
        }

        try
        {
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is no /proc, or no descriptor is left. The process is exiting: an exception would change its exit code.
        }
    }

    [LibraryImport("libc", EntryPoint = "getpgid")]
    private static partial int GetProcessGroup(int processId);
}
