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
    /// Whether this process has one. When a terminal is closed, the kernel removes it from all processes of its session (ENXIO) before it sends
    /// SIGHUP; a terminal that is just being closed has EIO. Other errors, for example if no descriptor is left, do not mean that there is none.
    /// </summary>
    public static bool Exists => Libc.CanOpen(Device)
        || Marshal.GetLastPInvokeError() is not (Libc.NotFoundError or InputOutputError or NoDeviceError);
}
