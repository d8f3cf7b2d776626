namespace Cotyledon.Hosting.Tests;

/// <summary>Exit records, from which tests derive their own.</summary>
internal static class Exits
{
    public static readonly WorkerExit Faulted = new()
    {
        Service = "Poller",
        WorkerId = 3,
        Incarnation = 2,
        ProcessId = 812,
        Reason = WorkerExitReason.Faulted,
        ExitCode = 2,
        Uptime = TimeSpan.FromSeconds(5),
        Message = "System.Exception: broken",
        StandardErrorTail = ["last line"],
        NextStart = TimeSpan.Zero,
    };
}
