using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Processes;

/// <summary>The end of this process, whatever its thread pool or user code does.</summary>
internal static class Termination
{
    /// <summary>Ends the process at once: no handlers run.</summary>
    [DoesNotReturn]
    public static void ExitNow(int exitCode)
    {
        if (!OperatingSystem.IsWindows())
        {
            Libc.ExitNow(exitCode);
        }

        // Windows has no exit code with Kill; a hung handler is the smaller evil there.
        Environment.Exit(exitCode);
        throw new UnreachableException();
    }
}
