using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Processes;

/// <summary>Ends this process even if its thread pool or code of the program is blocked.</summary>
internal static class Termination
{
    /// <summary>Ends the process at once, without exit handlers.</summary>
    [DoesNotReturn]
    public static void ExitNow(int exitCode)
    {
        if (OperatingSystem.IsWindows())
        {
            // Not Environment.Exit: the caller may hold a lock that an exit handler takes, and exit handlers may change the exit code.
            Kernel32.TerminateProcess(Kernel32.CurrentProcess, exitCode);
        }

        Libc.ExitNow(exitCode);
        throw new UnreachableException();
    }

    /// <summary>Ends the process by SIGKILL, or on Windows with the exit code that shells show for it.</summary>
    [DoesNotReturn]
    public static void KillNow()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Libc.Kill(Environment.ProcessId, Libc.SignalKill);
        }

        ExitNow(128 + Libc.SignalKill);
    }
}
