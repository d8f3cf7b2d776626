using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>SIGCHLD. If it is ignored, the kernel reaps children itself, and their exit status is lost.</summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class ChildSignal
{
    private const nint Default = 0; // SIG_DFL

    public static int Number => OperatingSystem.IsLinux() ? 17 : 20;

    /// <summary>Sets the default action if the signal is ignored, which a program inherits from its parent.</summary>
    public static void Restore()
    {
        if (SignalMask.Ignores(Number))
        {
            _ = Signal(Number, Default);
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int number, nint handler);
}
