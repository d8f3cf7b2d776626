using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Processes;

/// <summary>Ends this process even if its thread pool or code of the program is blocked.</summary>
internal static class Termination
{
    /// <summary>Ends the process at once, without exit handlers. On Windows, exit handlers run.</summary>
    [DoesNotReturn]
    public static void ExitNow(int exitCode)
    {
        if (!OperatingSystem.IsWindows())
        {
            Libc.ExitNow(exitCode);
        }

        // Process.Kill cannot set the exit code. A handler that hangs is the smaller problem.
        Environment.Exit(exitCode);
        throw new UnreachableException();
    }
}
