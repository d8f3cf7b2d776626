using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>
/// A byte stream between the master and each worker process, beside the channel that supervises the worker. Traffic on it delays no reload
/// and no stop. Register implementations as enumerable singletons in the master; a worker opens its end with
/// <see cref="WorkerProcess.OpenSideChannel"/>.
/// </summary>
/// <remarks>
/// The types in this namespace are the contract between the packages of Cotyledon.Hosting, and can change in any version. Programs do not need them.
/// </remarks>
[Experimental("COTYLEDON001")]
public interface ISideChannel
{
    /// <summary>Gets the name of the channel. It consists of letters only and is unique in the program.</summary>
    string Name { get; }

    /// <summary>
    /// Gets whether workers are started only after all hosted services of the master have started. If one of them fails to start, there is no
    /// worker then.
    /// </summary>
    /// <value><see langword="false"/> by default: workers start together with the hosted services.</value>
    bool NeedsStartedHost => false;

    /// <summary>
    /// Takes the master's end of the stream of a worker process that has started. The implementation owns the stream; it ends when the worker
    /// has exited.
    /// </summary>
    /// <remarks>Called on the thread that starts workers, so it must neither block nor throw.</remarks>
    /// <param name="stream">The master's end.</param>
    void OnWorkerStarted(Stream stream);
}
