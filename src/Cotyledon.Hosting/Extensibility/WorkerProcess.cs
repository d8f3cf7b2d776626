using System.Diagnostics.CodeAnalysis;
using Cotyledon.Hosting.Worker;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>Gives other packages access to the worker that the calling code runs in.</summary>
[Experimental("COTYLEDON001")]
public static class WorkerProcess
{
    /// <summary>Opens this worker's end of a side channel. Callable once for each name; the caller owns the stream.</summary>
    /// <param name="name">The name of the <see cref="ISideChannel"/>.</param>
    /// <returns>The stream to the master.</returns>
    /// <exception cref="InvalidOperationException">The master has no such channel, or this process has opened it before.</exception>
    public static Stream OpenSideChannel(string name) => SideChannels.Open(name);

    /// <summary>
    /// Gets the identity of the worker that the calling code belongs to: that of the process, or, with <see cref="CotyledonMode.InProcess"/>, that
    /// of the service whose code has started the current asynchronous flow. Callable from any thread; allocates nothing.
    /// </summary>
    /// <param name="service">The name of the service.</param>
    /// <param name="workerId">The worker id.</param>
    /// <param name="incarnation">The incarnation.</param>
    /// <returns><see langword="false"/> in the master, and in a process that has no worker id yet.</returns>
    public static bool TryGetIdentity([NotNullWhen(true)] out string? service, out int workerId, out long incarnation)
    {
        // Incarnation 0 is the warm-up of a worker without a worker id.
        var assignment = CurrentWorker.Assignment is { Incarnation: > 0 } assigned ? assigned : null;
        (service, workerId, incarnation) = (assignment?.Service, assignment?.WorkerId ?? 0, assignment?.Incarnation ?? 0);
        return assignment is not null;
    }

    /// <summary>
    /// Gets a task that completes when this worker process has reported to its master that it is ready, so after the hooks for new workers. It
    /// never completes if the worker does not become ready.
    /// </summary>
    /// <exception cref="InvalidOperationException">This process has no worker id.</exception>
    public static Task Ready => CurrentWorker.ReadyOfProcess ?? throw new InvalidOperationException("This process has no worker id.");

    /// <summary>
    /// Begins a wait of the calling service for work, for example for an item of a queue. Until the wait ends, the worker counts as alive for
    /// <see cref="CotyledonWorkerOptions.LivenessTimeout"/> while its thread pool runs, also if its service calls
    /// <see cref="IWorkerContext.ReportAlive"/>. So while one part of a service waits, a hang of another part is not detected. Callable from any
    /// thread.
    /// </summary>
    /// <returns>
    /// An object that ends the wait when it is disposed. <see langword="null"/> in the master, in a process that has no worker id yet, and, with
    /// <see cref="CotyledonMode.InProcess"/>, in code that no service has started.
    /// </returns>
    public static IDisposable? BeginWait() => CurrentWorker.Heartbeat?.BeginWait();

    /// <summary>
    /// Reports that a side channel has ended because the master has exited. The worker stops gracefully, as it does when its own channel ends.
    /// Without effect in the master. Callable from any thread.
    /// </summary>
    public static void ReportMasterExit() => Lifeline.Current?.Leave(StopCause.MasterGone);
}
