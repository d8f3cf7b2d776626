using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.HostProgram;

/// <summary>Sets the exit code of the master, and ends its process at a fast stop by a signal.</summary>
internal static class MasterExit
{
    /// <summary>The time for which exit handlers of the program may delay a fast stop.</summary>
    private static readonly TimeSpan HandlerTimeout = TimeSpan.FromSeconds(0.3);

    private static int _code;
    private static int _isArmed;

    /// <summary>Gets or sets the exit code of the process. If it is 0, the return value of <c>Main</c> is used.</summary>
    public static int Code
    {
        get => _code;
        set
        {
            _code = value;
            if (OperatingSystem.IsWindows())
            {
                // In a method of another class, so that System.ServiceProcess is loaded on Windows only. At the exit its file may be gone.
                WindowsServiceExit.Report(value);
            }

            if (value != 0 && Interlocked.Exchange(ref _isArmed, 1) == 0)
            {
                AppDomain.CurrentDomain.ProcessExit += (_, _) => Environment.ExitCode = _code;
            }
        }
    }

    /// <summary>Sets the exit code with which the supervisor has ended, and ends the process if a signal has requested that.</summary>
    public static void Finish(int exitCode, bool endsProcess)
    {
        Code = exitCode;
        if (endsProcess)
        {
            ExitSoon(exitCode);
        }
    }

    /// <summary>Ends the process. Exit handlers run, but only until <see cref="HandlerTimeout"/>.</summary>
    private static void ExitSoon(int exitCode)
    {
        Threads.Run("cotyledon exit", () => Environment.Exit(exitCode));
        Threads.Run("cotyledon exit timer", () =>
        {
            using var never = new ManualResetEvent(false);
            never.WaitOne(HandlerTimeout);
            Termination.ExitNow(exitCode);
        });
    }
}
