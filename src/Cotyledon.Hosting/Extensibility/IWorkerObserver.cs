using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>Receives the messages that a worker sends to its master. Calls come one at a time, from any thread; they must not block.</summary>
[Experimental("COTYLEDON001")]
public interface IWorkerObserver
{
    /// <summary>The worker is ready.</summary>
    void OnReady();

    /// <summary>The service has completed its work.</summary>
    void OnIdle();

    /// <summary>The service has reloaded.</summary>
    void OnReloaded();

    /// <summary>The service cannot reload in place. A master replaces the worker.</summary>
    void OnCannotReload();

    /// <summary>The service has called <see cref="IWorkerContext.RequestRestart"/>.</summary>
    void OnReplacementRequested();

    /// <summary>The service has called <see cref="IWorkerContext.RequestShutdown"/>.</summary>
    /// <param name="exitCode">The exit code of the program.</param>
    void OnShutdownRequested(int exitCode);

    /// <summary>The worker has exited. The last call.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="exitCode">The exit code; <see langword="null"/> if the service did not stop within the graceful timeout and was abandoned.</param>
    /// <param name="message">The exception or other detail; <see langword="null"/> if there is none.</param>
    void OnExited(WorkerExitReason reason, int? exitCode, string? message);
}
