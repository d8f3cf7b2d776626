using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Kills this process at the end of a lease. A thread reads the lease, which the master renews in shared memory, and moves the time on. On Linux the
/// kernel kills (timer_create(2)), also if the process is paused (SIGSTOP), blocked, or gets no processor time. On other systems the thread kills,
/// which does not run in a paused process.
/// </summary>
/// <remarks>
/// The kernel kills this process only, and the master, which would kill the rest of the process group, may be gone. So the thread kills the
/// whole group shortly before the end.
/// </remarks>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc and librt are found by the system's loader only.")]
internal static partial class KillTimer
{
    private const int ByAbsoluteTime = 1; // TIMER_ABSTIME

    /// <summary>In milliseconds, for waits that stand still while the machine is suspended.</summary>
    private const long LongestWait = 250;

    /// <summary>The lease is read again after a third of the time until the end that was read last.</summary>
    private const int ReadsPerLease = 3;

    /// <summary>The time in milliseconds before the end at which the process group is killed.</summary>
    private const long GroupMargin = 100;

    private static readonly ManualResetEvent Never = new(initialState: false);

    /// <summary>Starts the timer. Kills the process group at once if the end is at most 100 ms away. Called once in a process.</summary>
    /// <param name="end">The first end, in milliseconds.</param>
    /// <param name="lease">Has the later ends.</param>
    /// <exception cref="NativeException">The kernel has refused the timer.</exception>
    public static void Start(long end, SharedLease lease)
    {
        nint? timer = OperatingSystem.IsLinux() ? CreateTimer() : null;
        MoveOn(timer, Math.Max(end, lease.End));
        var thread = new Thread(() => Run(timer, end, lease)) { IsBackground = true, Name = "cotyledon kill timer", Priority = ThreadPriority.Highest };
        thread.Start();
    }

    private static void Run(nint? timer, long end, SharedLease lease)
    {
        while (true)
        {
            end = Math.Max(end, lease.End);
            var left = MoveOn(timer, end);
            var wait = Math.Max(left / ReadsPerLease, 1);
            if (timer is null || !BootClock.TryWait(wait))
            {
                Never.WaitOne(TimeSpan.FromMilliseconds(Math.Min(wait, LongestWait)));
            }
        }
    }

    /// <summary>
    /// Moves the time of the timer on, if there is one. Kills the process group if the time has nearly passed, and this process if it has passed.
    /// </summary>
    /// <returns>The time until the end, in milliseconds; more than zero.</returns>
    private static long MoveOn(nint? timer, long end)
    {
        var left = end - BootClock.Now;
        if (left <= GroupMargin)
        {
            // The group is killed before the timer is set, because the kernel may kill this process as soon as the timer is set. On Windows, the
            // job object ends with the process.
            ProcessGroup.Kill();
        }

        if (timer is { } native)
        {
            SetTimer(native, end);
        }

        if (left <= 0)
        {
            Termination.KillNow();
        }

        return left;
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

        if (result == 0)
        {
            return timer;
        }

        var error = Marshal.GetLastPInvokeError();
        throw new NativeException(
            "Cannot create the timer that kills the worker when the lease of the cluster ends",
            error,
            error == Libc.TryAgainError ? "Raise LimitSIGPENDING of the service, or ulimit -i." : "");
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
