using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Kills this process at a time of <see cref="BootClock"/>, unless the time is moved on before. On Linux the kernel does it (timer_create(2)), also
/// if the process is stopped (SIGSTOP), blocked, or gets no processor time. On other systems a thread does it, which a stopped process does not run.
/// </summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc and librt are found by the system's loader only.")]
internal static partial class KillTimer
{
    private const int ByAbsoluteTime = 1; // TIMER_ABSTIME

    /// <summary>In milliseconds. A wait of a thread stands still while the machine is suspended, unlike the clock.</summary>
    private const long LongestWait = 250;

    private static readonly object Gate = new();
    private static nint? _timer;
    private static Thread? _thread;
    private static long _killAt;

    /// <summary>Sets the time in milliseconds. A time that has passed kills at once.</summary>
    /// <exception cref="NativeException">The kernel has refused the timer.</exception>
    public static void Set(long killAt)
    {
        lock (Gate)
        {
            _killAt = killAt;
            if (OperatingSystem.IsLinux())
            {
                SetTimer(_timer ??= CreateTimer(), killAt);
            }
            else if (_thread is null)
            {
                _thread = new Thread(Watch) { IsBackground = true, Name = "cotyledon kill timer", Priority = ThreadPriority.Highest };
                _thread.Start();
            }
            else
            {
                Monitor.Pulse(Gate);
            }
        }

        if (BootClock.Now >= killAt)
        {
            Termination.KillNow();
        }
    }

    private static void Watch()
    {
        lock (Gate)
        {
            while (_killAt - BootClock.Now is > 0 and var left)
            {
                Monitor.Wait(Gate, TimeSpan.FromMilliseconds(Math.Min(left, LongestWait)));
            }
        }

        Termination.KillNow();
    }

    private static unsafe nint CreateTimer()
    {
        var kill = new SignalEvent { Signal = Libc.SignalKill };
        nint timer;
        int result;
        try
        {
            result = Create(BootClock.LinuxClock, &kill, &timer);
        }
        catch (EntryPointNotFoundException)
        {
            result = CreateInRealTimeLibrary(BootClock.LinuxClock, &kill, &timer); // glibc before 2.34
        }

        return result == 0 ? timer : throw new NativeException(
            "timer_create", Marshal.GetLastPInvokeError(), "The limit may be RLIMIT_SIGPENDING (ulimit -i).");
    }

    private static unsafe void SetTimer(nint timer, long killAt)
    {
        // All zero would disarm the timer.
        var times = new TimerTimes { Expiration = BootClock.TimeOfClock.FromMilliseconds(Math.Max(killAt, 1)) };
        int result;
        try
        {
            result = Set(timer, ByAbsoluteTime, &times, null);
        }
        catch (EntryPointNotFoundException)
        {
            result = SetInRealTimeLibrary(timer, ByAbsoluteTime, &times, null);
        }

        if (result != 0)
        {
            throw new NativeException("timer_settime", Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "timer_create", SetLastError = true)]
    private static unsafe partial int Create(int clock, SignalEvent* signal, nint* timer);

    [LibraryImport("librt.so.1", EntryPoint = "timer_create", SetLastError = true)]
    private static unsafe partial int CreateInRealTimeLibrary(int clock, SignalEvent* signal, nint* timer);

    [LibraryImport("libc", EntryPoint = "timer_settime", SetLastError = true)]
    private static unsafe partial int Set(nint timer, int flags, TimerTimes* times, TimerTimes* old);

    [LibraryImport("librt.so.1", EntryPoint = "timer_settime", SetLastError = true)]
    private static unsafe partial int SetInRealTimeLibrary(nint timer, int flags, TimerTimes* times, TimerTimes* old);

    /// <summary>struct itimerspec.</summary>
    private struct TimerTimes
    {
        public BootClock.TimeOfClock Interval;
        public BootClock.TimeOfClock Expiration;
    }

    /// <summary>struct sigevent, 64 bytes. SIGEV_SIGNAL is 0.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct SignalEvent
    {
        public nint Value;
        public int Signal;
        public int Notification;
    }
}
