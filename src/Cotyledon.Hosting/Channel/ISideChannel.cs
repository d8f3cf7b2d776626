namespace Cotyledon.Hosting.Channel;

/// <summary>
/// A stream between the master and each worker beside the channel that supervises it, so that what fills it up delays no reload and
/// no stop. Registered as an enumerable service in the master; a worker takes its end by <c>SideChannels</c>.
/// </summary>
internal interface ISideChannel
{
    /// <summary>Letters only.</summary>
    string Name { get; }

    /// <summary>A worker was started with the other end. The stream is the callee's; it ends when the worker is gone.</summary>
    /// <remarks>Called on the thread that starts workers. Does not wait and does not throw.</remarks>
    void OnWorkerStarted(Stream stream);
}
