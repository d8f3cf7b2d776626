using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>Starts processes with a nice value: setpriority(2).</summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
[UnsupportedOSPlatform("windows")]
internal static partial class Priority
{
    private const int OfProcess = 0; // PRIO_PROCESS

    /// <summary>
    /// Starts a process with a nice value. On Linux it has the value from its first instruction; on macOS it is set after the start.
    /// </summary>
    /// <exception cref="NativeException">The value is refused, or the start fails.</exception>
    /// <remarks>
    /// On Linux each thread has its own nice value, and a new process inherits the value of the thread that starts it. A new thread is used
    /// for each start, because a thread without privileges cannot lower its nice value again.
    /// </remarks>
    public static int Start(int nice, Func<int> start)
    {
        if (!OperatingSystem.IsLinux())
        {
            var processId = start();
            Set(processId, nice);
            return processId;
        }

        var result = 0;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Set(0, nice);
                result = start();
            }
            catch (NativeException e)
            {
                failure = e;
            }
        });
        try
        {
            thread.Start();
        }
        catch (OutOfMemoryException)
        {
            throw new NativeException(
                "A thread cannot be started", Libc.TryAgainError, "Raise the limit of processes and threads: TasksMax of the service, or ulimit -u.");
        }

        thread.Join();
        return failure is null ? result : throw failure;
    }

    private static void Set(int processId, int nice)
    {
        if (SetPriority(OfProcess, processId, nice) != 0)
        {
            throw new NativeException(
                $"The nice value {nice}", Marshal.GetLastPInvokeError(), "A value below the master's needs CAP_SYS_NICE.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int kind, int id, int value);
}
