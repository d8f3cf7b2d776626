using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>The time since the machine was started, including the time in which it was suspended. The same for all processes of a machine.</summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class BootClock
{
    /// <summary>CLOCK_BOOTTIME on Linux (clock_gettime(2)).</summary>
    public const int LinuxClock = 7;

    private const int MacClock = 6; // CLOCK_MONOTONIC, which counts while the machine sleeps: clock_gettime(3) of macOS.

    /// <summary>The time in milliseconds.</summary>
    public static long Now
    {
        get
        {
            if (OperatingSystem.IsWindows())
            {
                return Kernel32.GetTickCount(); // Environment.TickCount64 of .NET 11 does not count while the machine is suspended.
            }

            TimeOfClock time;
            unsafe
            {
                if (GetTime(OperatingSystem.IsLinux() ? LinuxClock : MacClock, &time) != 0)
                {
                    throw new NativeException("clock_gettime", Marshal.GetLastPInvokeError());
                }
            }

            return ((long)time.Seconds * 1000) + (time.Nanoseconds / 1_000_000);
        }
    }

    /// <summary>Waits on Linux, at most for the given time in milliseconds. The time in which the machine is suspended counts.</summary>
    /// <returns>Whether the kernel can do that; a sandbox may lack it.</returns>
    public static unsafe bool TryWait(long milliseconds)
    {
        const int interrupted = 4; // EINTR
        var time = TimeOfClock.FromMilliseconds(milliseconds);
        return Sleep(LinuxClock, 0, &time, null) is 0 or interrupted;
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static unsafe partial int Sleep(int clock, int flags, TimeOfClock* time, TimeOfClock* left);

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static unsafe partial int GetTime(int clock, TimeOfClock* time);

    /// <summary>struct timespec, with the fields of a C library whose time_t has the size of a pointer.</summary>
    internal struct TimeOfClock
    {
        public nint Seconds;
        public nint Nanoseconds;

        public static TimeOfClock FromMilliseconds(long milliseconds) => new()
        {
            Seconds = (nint)(milliseconds / 1000),
            Nanoseconds = (nint)(milliseconds % 1000 * 1_000_000),
        };
    }
}
