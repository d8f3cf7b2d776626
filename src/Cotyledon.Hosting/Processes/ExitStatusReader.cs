using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>Notices and collects exits: pidfd_open(2), waitpid(2).</summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class ExitStatusReader
{
    private const int NoHang = 1; // WNOHANG
    private const int SingleProcess = 1; // P_PID
    private const int Exited = 4; // WEXITED
    private const nint PidfdOpen = 434; // The number on every architecture.

    private static int KeepWaitable => OperatingSystem.IsLinux() ? 0x1000000 : 0x20; // WNOWAIT

    /// <summary>A descriptor that becomes readable at the exit of a child, or -1: macOS, Linux before 5.3, some sandboxes.</summary>
    public static int OpenExitDescriptor(int processId) =>
        OperatingSystem.IsLinux() ? (int)SystemCall(PidfdOpen, processId, 0) : -1;

    /// <summary>Whether a child has ended. Its exit is not collected, so that its id does not belong to another process yet.</summary>
    /// <param name="processId">The child.</param>
    /// <param name="isOurs">
    /// Whether the id still belongs to the child. Not so where its exit was collected elsewhere: the id may be a stranger's by now.
    /// </param>
    public static unsafe bool HasExited(int processId, out bool isOurs)
    {
        // siginfo_t has 128 bytes. The id stands behind three numbers, and on 64-bit Linux behind a gap.
        var info = stackalloc int[32];
        var result = WaitForId(SingleProcess, processId, info, NoHang | Exited | KeepWaitable);
        isOurs = result == 0;
        return isOurs
            ? info[OperatingSystem.IsLinux() && Environment.Is64BitProcess ? 4 : 3] == processId
            : !Libc.IsTransient(Marshal.GetLastPInvokeError());
    }

    /// <summary>Collects the exit of a child that this program started itself.</summary>
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

        // <sys/wait.h>: the low seven bits are the signal, the next byte above the core flag is the code.
        var signal = raw & 0x7f;
        status = signal == 0 ? ExitStatus.Exited((raw >> 8) & 0xff) : ExitStatus.Signaled(signal);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static unsafe partial int WaitForProcess(int processId, int* status, int options);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static unsafe partial int WaitForId(int kind, int id, int* info, int options);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint processId, nint flags);
}
