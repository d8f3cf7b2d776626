namespace Cotyledon.Hosting.Channel;

/// <summary>One message on the channel between the master and a worker.</summary>
internal abstract record Frame
{
    private Frame()
    {
    }

    // From the worker.

    /// <summary>The host is built; give me a slot.</summary>
    /// <param name="Version">The worker's <see cref="Protocol.Version"/>.</param>
    /// <param name="ModuleVersionId">The build of the worker's program.</param>
    public sealed record Hello(ushort Version, Guid ModuleVersionId) : Frame;

    public sealed record Ready : Frame;

    public sealed record Idle : Frame;

    public sealed record Leaving(WorkerExitReason Reason, string Detail) : Frame;

    public sealed record ReplaceMe : Frame;

    // From the master.

    public sealed record Assign(
        string Service,
        int WorkerId,
        int WorkerCount,
        int Incarnation,
        TimeSpan GracefulTimeout,
        TimeSpan HookTimeout,
        bool WaitForMarkReady) : Frame;

    public sealed record Stop : Frame;

    public sealed record Resized(int WorkerCount) : Frame;
}
