using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>Reads which signals this process ignores: sigaction(2).</summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static unsafe partial class SignalMask
{
    private const nint Ignored = 1; // SIG_IGN

    /// <summary>Returns whether a signal is ignored; always <see langword="false"/> on Windows.</summary>
    public static bool Ignores(int signal)
    {
        // struct sigaction begins with the handler, and has at most 152 bytes.
        var action = stackalloc nint[64];
        return !OperatingSystem.IsWindows() && Action(signal, null, action) == 0 && *action == Ignored;
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int Action(int signal, nint* action, nint* oldAction);
}
