namespace Cotyledon.Hosting.Queues.Transport;

/// <summary>A request of a worker, until it is answered.</summary>
/// <param name="number">Identifies the request in its answer.</param>
/// <param name="size">The memory that the request needs in the master, in bytes.</param>
/// <param name="window">Decides when the request is sent.</param>
/// <param name="send">Sends the request. Does not wait.</param>
internal sealed class WorkerRequest(int number, long size, RequestWindow window, Action<int> send)
{
    public int Number { get; } = number;

    public long Size { get; } = size;

    public RequestWindow Window { get; } = window;

    /// <summary>Its place among the requests that wait to be sent; used by the window only.</summary>
    public LinkedListNode<WorkerRequest>? Place { get; set; }

    public TaskCompletionSource<byte[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Send() => send(Number);
}
