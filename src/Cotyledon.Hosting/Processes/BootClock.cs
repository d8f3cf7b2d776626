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
