using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.HostProgram;

/// <summary>The exit code of the master.</summary>
internal static class MasterExit
{
    /// <summary>How long handlers of the program may delay a fast stop.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.3);

    private static int _code;
    private static int _isArmed;

    /// <summary>What the process exits with, unless 0: then what <c>Main</c> returns counts.</summary>
    public static int Code
    {
        get => _code;
        set
        {
            _code = value;
            if (OperatingSystem.IsWindows())
            {
                // A method of its own elsewhere: its assembly is not to be loaded on the way out, where its file may be gone.
                WindowsServiceExit.Report(value);
            }

            if (value != 0 && Interlocked.Exchange(ref _isArmed, 1) == 0)
            {
                AppDomain.CurrentDomain.ProcessExit += (_, _) => Environment.ExitCode = _code;
            }
        }
    }

    /// <summary>The supervisor has ended with this code; the program is to do so as well, fast or in its own time.</summary>
    public static void Finish(int exitCode, bool fast)
    {
        Code = exitCode;
        if (fast)
        {
            ExitSoon(exitCode);
        }
    }

    /// <summary>Ends the process: with the usual handlers if they are quick, without them otherwise.</summary>
    private static void ExitSoon(int exitCode)
    {
        Threads.Run("cotyledon exit", () => Environment.Exit(exitCode));
        Threads.Run("cotyledon exit timer", () =>
        {
            using var never = new ManualResetEvent(false);
            never.WaitOne(Patience);
            Termination.ExitNow(exitCode);
        });
    }
}
