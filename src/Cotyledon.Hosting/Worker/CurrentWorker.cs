using Cotyledon.Hosting.Channel;

namespace Cotyledon.Hosting.Worker;

/// <summary>Which worker the running code belongs to: that of the process, or, in process, the one whose service has started it.</summary>
internal static class CurrentWorker
{
    private static readonly AsyncLocal<Frame.Assign?> Flow = new();

    /// <value>Null in the master, and in a process that has no slot yet.</value>
    public static Frame.Assign? Assignment => Flow.Value ?? Lifeline.Current?.Assignment;

    /// <summary>From now on, for the calling asynchronous method and all that it starts.</summary>
    public static void Enter(Frame.Assign assignment) => Flow.Value = assignment;
}
