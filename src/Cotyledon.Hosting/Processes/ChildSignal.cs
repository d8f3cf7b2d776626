using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.Processes;

/// <summary>SIGCHLD: where it is ignored, the kernel collects the exits of children itself, and their reasons are lost.</summary>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static partial class ChildSignal
{
    private const nint Default = 0; // SIG_DFL

    public static int Number => OperatingSystem.IsLinux() ? 17 : 20;

    /// <summary>Takes the default disposition where a parent has had the signal ignored, which a program inherits.</summary>
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
