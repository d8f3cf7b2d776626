using System.Reflection;

namespace Cotyledon.Hosting.Channel;

/// <summary>One message on the channel between the master and a worker.</summary>
/// <remarks>Of a frame without fields one instance is enough: a worker that says that it is alive costs no memory.</remarks>
internal abstract record Frame
{
    private Frame()
    {
    }

    // From the worker.

    /// <summary>The host is built; give me a slot.</summary>
    /// <param name="Version">The worker's <see cref="Protocol.Version"/>.</param>
    /// <param name="ModuleVersionId">The build of the worker's program.</param>
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

    public sealed record ReplaceMe : Frame
    {
        public static readonly ReplaceMe Instance = new();
    }

    /// <summary>Somebody sent SIGHUP to this worker; the master owns the configuration, and so the decision.</summary>
    public sealed record ReloadMe : Frame
    {
        public static readonly ReloadMe Instance = new();
    }

    /// <summary>The service wants the program to end.</summary>
    public sealed record ShutDown(int ExitCode) : Frame;

    /// <summary>The worker's thread pool, or its service where that says so itself, is alive.</summary>
    public sealed record Alive : Frame
    {
        public static readonly Alive Instance = new();
    }

    public sealed record Reloaded : Frame
    {
        public static readonly Reloaded Instance = new();
    }

    // From the master.

    public sealed record Assign(
        string Service,
        int WorkerId,
        int WorkerCount,
        long Incarnation,
        TimeSpan GracefulTimeout,
        TimeSpan LivenessTimeout,
        TimeSpan HookTimeout,
        bool WaitForMarkReady) : Frame;

    public sealed record Stop : Frame
    {
        public static readonly Stop Instance = new();
    }

    /// <summary>What has changed for a worker that runs.</summary>
    public sealed record Update(int WorkerCount, TimeSpan GracefulTimeout, TimeSpan LivenessTimeout) : Frame;

    /// <summary>
    /// A part of an update of the accepted configuration. The first update comes right after the start; what comes behind an update is
    /// said with it in mind.
    /// </summary>
    public sealed record ConfigurationPart(bool IsLast, ReadOnlyMemory<byte> Bytes) : Frame
    {
        public bool Equals(ConfigurationPart? other) =>
            other is not null && IsLast == other.IsLast && Bytes.Span.SequenceEqual(other.Bytes.Span);

        public override int GetHashCode() => HashCode.Combine(IsLast, Bytes.Length);
    }

    /// <summary>Have the service take the configuration that was sent.</summary>
    public sealed record Reload : Frame
    {
        public static readonly Reload Instance = new();
    }
}
