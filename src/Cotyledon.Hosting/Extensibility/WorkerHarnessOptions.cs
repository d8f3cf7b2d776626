using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>Contains the identity and the limits of the worker of a <see cref="WorkerHarness"/>.</summary>
[Experimental("COTYLEDON001")]
public sealed class WorkerHarnessOptions
{
    /// <summary>Gets the name of the service, as it is registered.</summary>
    public required string ServiceName { get; init; }

    /// <summary>Gets the worker id.</summary>
    public int WorkerId { get; init; }

    /// <summary>Gets the number of workers of the service.</summary>
    public int WorkerCount { get; init; } = 1;

    /// <summary>Gets the incarnation of the worker.</summary>
    public long Incarnation { get; init; } = 1;

    /// <summary>Gets how long a stop or a reload may take. <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <value>One minute by default.</value>
    public TimeSpan GracefulShutdownTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets how long the worker waits for each hook.</summary>
    /// <value>Ten seconds by default.</value>
    public TimeSpan HookTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets whether the worker is ready only when it has called <see cref="IWorkerContext.MarkReady"/>.</summary>
    public bool WaitForMarkReady { get; init; }
}
