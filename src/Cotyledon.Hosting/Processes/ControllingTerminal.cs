using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>The terminal that this process was started in: tty(4).</summary>
[UnsupportedOSPlatform("windows")]
internal static class ControllingTerminal
{
    private const string Device = "/dev/tty";

    /// <summary>
    /// Whether there is one. When a terminal is closed the kernel takes it from all processes of the session before it sends SIGHUP.
    /// </summary>
    public static bool Exists => Libc.CanOpen(Device);
}
