using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>Detects the exits of child processes and reaps them: pidfd_open(2), waitpid(2).</summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class ExitStatusReader
{
    private const int NoHang = 1; // WNOHANG
    private const int SingleProcess = 1; // P_PID
    private const int WholeGroup = 2; // P_PGID
    private const int Exited = 4; // WEXITED
    private const nint PidfdOpen = 434; // The same on every architecture that .NET runs on.

    private static int KeepWaitable => OperatingSystem.IsLinux() ? 0x1000000 : 0x20; // WNOWAIT

    /// <summary>
    /// Opens a descriptor that becomes readable at the exit of a child. Returns -1 on macOS, on Linux before 5.3 and in some sandboxes.
    /// </summary>
    public static int OpenExitDescriptor(int processId) =>
        OperatingSystem.IsLinux() ? (int)SystemCall(PidfdOpen, processId, 0) : -1;

    /// <summary>Returns whether a child has exited. Does not reap it, so that the kernel does not reuse its id yet.</summary>
    /// <param name="processId">The id of the child and of its process group.</param>
    /// <param name="isOurs">
    /// Whether the id still belongs to the child or its group. If other code has reaped the child, the id may belong to an unrelated process by
    /// now, unless processes that the child has left in the group are children of this process, because it is process 1 or a subreaper.
    /// </param>
    public static unsafe bool HasExited(int processId, out bool isOurs)
    {
        // siginfo_t has 128 bytes. The process id comes after three numbers, and on 64-bit Linux after a gap.
        var info = stackalloc int[32];
        var options = NoHang | Exited | KeepWaitable;
        isOurs = WaitForId(SingleProcess, processId, info, options) == 0;
        if (isOurs)
        {
            return info[OperatingSystem.IsLinux() && Environment.Is64BitProcess ? 4 : 3] == processId;
        }

        var isGone = !Libc.IsTransient(Marshal.GetLastPInvokeError());
        isOurs = isGone && WaitForId(WholeGroup, processId, info, options) == 0;
        return isGone;
    }

    /// <summary>Reaps a child of this process if it has exited.</summary>
    public static unsafe bool TryReap(int processId, out ExitStatus status)
    {
        var raw = 0;
        var result = WaitForProcess(processId, &raw, NoHang);
        if (result == 0)
        {
            status = default;
            return false;
        }

        if (result < 0)
        {
            status = ExitStatus.Unknown;
            return !Libc.IsTransient(Marshal.GetLastPInvokeError());
        }

        // <sys/wait.h>: the low seven bits are the signal, the next bit is the core flag, and the next byte is the exit code.
        var signal = raw & 0x7f;
        status = signal == 0 ? ExitStatus.Exited((raw >> 8) & 0xff) : ExitStatus.Signaled(signal);
        return true;
    }

    /// <summary>
    /// Reaps the children of this process in a group whose leader has been reaped: processes that the leader has left behind, if this process
    /// is their new parent because it is process 1 or a subreaper.
    /// </summary>
    /// <returns>Whether none is left. The kernel does not reuse the id of the group before that.</returns>
    public static unsafe bool TryReapGroup(int groupId)
    {
        int result;
        do
        {
            result = WaitForProcess(-groupId, null, NoHang);
        }
        while (result > 0);

        return result < 0 && !Libc.IsTransient(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static unsafe partial int WaitForProcess(int processId, int* status, int options);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static unsafe partial int WaitForId(int kind, int id, int* info, int options);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint processId, nint flags);
}
