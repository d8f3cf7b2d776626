using System.Reflection;

namespace Cotyledon.Hosting.Channel;

/// <summary>One message on the channel between the master and a worker.</summary>
/// <remarks>Frames without fields have a single instance, so that frequent <see cref="Alive"/> frames do not allocate.</remarks>
internal abstract record Frame
{
    private Frame()
    {
    }

    // Frames from the worker.

    /// <summary>The host is built, and the worker waits for its worker id.</summary>
    /// <param name="Version">The <see cref="Protocol.Version"/> of the worker.</param>
    /// <param name="ModuleVersionId">The build of the program that the worker runs.</param>
    public sealed record Hello(ushort Version, Guid ModuleVersionId) : Frame
    {
        public static Guid BuildOfThisProcess => Assembly.GetEntryAssembly()?.ManifestModule.ModuleVersionId ?? Guid.Empty;
    }

    public sealed record Ready : Frame
    {
        public static readonly Ready Instance = new();
    }

    public sealed record Idle : Frame
    {
        public static readonly Idle Instance = new();
    }

    public sealed record Leaving(WorkerExitReason Reason, string Detail) : Frame;

    /// <summary>The service requests a replacement of its worker.</summary>
    public sealed record ReplaceMe : Frame
    {
        public static readonly ReplaceMe Instance = new();
    }

    /// <summary>The worker has received SIGHUP. The master decides about the reload, because it owns the configuration.</summary>
    public sealed record ReloadMe : Frame
    {
        public static readonly ReloadMe Instance = new();
    }

    public sealed record ShutDown(int ExitCode) : Frame;

    /// <summary>The thread pool of the worker is alive, or its service has called <see cref="IWorkerContext.ReportAlive"/>.</summary>
    public sealed record Alive : Frame
    {
        public static readonly Alive Instance = new();
    }

    public sealed record Reloaded : Frame
    {
        public static readonly Reloaded Instance = new();
    }

    /// <summary>The answer to <see cref="Reload"/> of a service that cannot reload in place, or not within the graceful timeout.</summary>
    public sealed record CannotReload : Frame
    {
        public static readonly CannotReload Instance = new();
    }

    // Frames from the master.

    public sealed record Assign(
        string Service,
        int WorkerId,
        int WorkerCount,
        long Incarnation,
        TimeSpan GracefulTimeout,
        TimeSpan LivenessTimeout,
        TimeSpan HookTimeout,
        bool WaitForMarkReady) : Frame
    {
        /// <summary>
        /// The time in milliseconds (CLOCK_BOOTTIME) at which the worker is killed, unless the master moves the end of the lease on in the memory
        /// that they share; <see langword="null"/> for never.
        /// </summary>
        public long? LeaseEnd { get; init; }
    }

    public sealed record Stop : Frame
    {
        public static readonly Stop Instance = new();
    }

    public sealed record Update(int WorkerCount, TimeSpan GracefulTimeout, TimeSpan LivenessTimeout) : Frame;

    /// <summary>
    /// A part of an update of the accepted configuration. The first update is sent right after the start. The frames after an update
    /// rely on it.
    /// </summary>
    public sealed record ConfigurationPart(bool IsLast, ReadOnlyMemory<byte> Bytes) : Frame
    {
        public bool Equals(ConfigurationPart? other) =>
            other is not null && IsLast == other.IsLast && Bytes.Span.SequenceEqual(other.Bytes.Span);

        public override int GetHashCode() => HashCode.Combine(IsLast, Bytes.Length);
    }

    /// <summary>Tells the service to reload with the configuration that was sent.</summary>
    public sealed record Reload : Frame
    {
        public static readonly Reload Instance = new();
    }
}
