using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>The controlling terminal of this process: tty(4).</summary>
[UnsupportedOSPlatform("windows")]
internal static class ControllingTerminal
{
    private const string Device = "/dev/tty";
    private const int InputOutputError = 5; // EIO, the same everywhere
    private const int NoDeviceError = 6; // ENXIO, the same everywhere

    /// <summary>
    /// Whether this process has a controlling terminal. When a terminal is closed, the kernel removes it from all processes of its session (opening
    /// fails with ENXIO) before it sends SIGHUP; while it is being closed, opening fails with EIO. Other errors, for example because no descriptor
    /// is left, do not show that the terminal is gone.
    /// </summary>
    public static bool Exists => Libc.CanOpen(Device)
        || Marshal.GetLastPInvokeError() is not (Libc.NotFoundError or InputOutputError or NoDeviceError);
}
