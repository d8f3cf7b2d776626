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

    /// <summary>Starts a process. On Linux it has the nice value from its first instruction.</summary>
    /// <exception cref="NativeException">The value is refused, or the start fails.</exception>
    /// <remarks>
    /// On Linux each thread has its own nice value, and a new process inherits the value of the thread that starts it. A new thread is used
    /// for each start, because a thread without privileges cannot lower its nice value again.
    /// </remarks>
    public static int Start(int nice, Func<int> start)
    {
        if (!OperatingSystem.IsLinux())
        {
            return start(); // See SetAfterStart.
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
            catch (Exception e)
            {
                failure = e; // An exception on this thread would end the master.
            }
        });
        try
        {
            thread.Start();
        }
        catch (OutOfMemoryException)
        {
            throw new NativeException("A thread cannot be started", Libc.TryAgainError, Threads.LimitAdvice);
        }

        thread.Join();
        return failure is null ? result : throw failure;
    }

    /// <summary>
    /// Sets the nice value of a started process on macOS, where the threads of a process have one value. Has no effect on Linux.
    /// </summary>
    /// <exception cref="NativeException">The value is refused. The process runs.</exception>
    public static void SetAfterStart(int processId, int? nice)
    {
        if (nice is { } value && !OperatingSystem.IsLinux())
        {
            Set(processId, value);
        }
    }

    private static void Set(int processId, int nice)
    {
        if (SetPriority(OfProcess, processId, nice) != 0)
        {
            throw new NativeException(
                $"Cannot set the nice value {nice}", Marshal.GetLastPInvokeError(), "A value below the master's needs CAP_SYS_NICE.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int kind, int id, int value);
}
