using Cotyledon.Hosting.Channel;

namespace Cotyledon.Hosting.Tests.Worker;

internal static class Assignments
{
    public static readonly Frame.Assign Poller = new(
        "Poller", WorkerId: 3, WorkerCount: 4, Incarnation: 2, GracefulTimeout: TimeSpan.FromMinutes(1),
        LivenessTimeout: Timeout.InfiniteTimeSpan, HookTimeout: TimeSpan.FromMinutes(1), WaitForMarkReady: false);
}
