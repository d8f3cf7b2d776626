using System.Runtime.Versioning;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// The events of Windows that the runtime raises as SIGHUP (CTRL_CLOSE_EVENT) and SIGTERM (CTRL_SHUTDOWN_EVENT). Windows ends the process
/// when their handler returns, or after a few seconds.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class ConsoleClosing
{
    /// <summary>Keeps a handler from returning, so that the graceful stop can end the process first.</summary>
    public static void WaitForExit()
    {
        using var never = new ManualResetEvent(initialState: false);
        never.WaitOne();
    }
}
