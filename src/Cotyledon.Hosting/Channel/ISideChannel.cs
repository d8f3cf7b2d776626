namespace Cotyledon.Hosting.Channel;

/// <summary>
/// A stream between the master and each worker, separate from the supervision channel, so that a full stream does not delay a reload or a
/// stop. Registered as an enumerable service in the master; a worker gets its end from <c>SideChannels</c>.
/// </summary>
internal interface ISideChannel
{
    /// <summary>The name of the stream. Letters only.</summary>
    string Name { get; }

    /// <summary>Called when a worker was started with the other end. The callee owns the stream. It ends when the worker exits.</summary>
    /// <remarks>Called on the thread that starts workers. Must not wait or throw.</remarks>
    void OnWorkerStarted(Stream stream);
}
