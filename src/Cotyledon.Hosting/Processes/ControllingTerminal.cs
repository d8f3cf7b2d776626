using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>The controlling terminal of this process: tty(4).</summary>
[UnsupportedOSPlatform("windows")]
internal static class ControllingTerminal
{
    private const string Device = "/dev/tty";

    /// <summary>
    /// Whether this process has one. When a terminal is closed, the kernel removes it from all processes of its session before it sends
    /// SIGHUP.
    /// </summary>
    public static bool Exists => Libc.CanOpen(Device);
}
